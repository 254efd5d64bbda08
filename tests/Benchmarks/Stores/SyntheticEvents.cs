using System.Buffers.Binary;
using System.Collections.Immutable;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Benchmarks.Stores;

/// <summary>The appends that clients would have caused, without clients and without bytes.</summary>
internal static class SyntheticEvents
{
    private const int FileBytes = 1024;
    private const string Actor = "bench";
    private const string RetentionClass = "transient";
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset FarAway = new(2126, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CanonicalDocument[] Metadata = [Document("even"), Document("odd")];

    public static Append Package(IIds ids, PackageId package, int number, bool hasExpired = true)
    {
        var stream = StreamId.Of(TenantId.Default, package);
        // Each property is shared by a half or a third of all packages, so every page of a filter is full, however few packages there are.
        var created = new PackageCreated(
            $"package-{number}", $"producer-{number % 2}", $"subject-{number % 3}", number / 2 % 2 == 0 ? RetentionClass : "raw-evidence",
            BackendId.Local, Metadata[number % 2], MetadataSchema: null);
        var applied = new RetentionDefaultApplied(created.RetentionClass, hasExpired ? Time.AddDays(1) : FarAway);
        return Append(ids, [new(stream, Time, created), new(stream, Time, applied)], [new Condition.StreamAt(stream, 0)]);
    }

    /// <summary>A pushed file of new bytes: its content is settled and referred to in one append, as a real push does it.</summary>
    public static Append File(IIds ids, PackageId package, int number)
    {
        var content = new ContentDigests(Digest(1, number), Digest(2, number), FileBytes);
        var key = PhysicalKey.Of(TenantId.Default, content.Blake3, generation: 1, default, incarnation: 1);
        var path = RelativePath.FromStored($"folder-{number % 100}/file-{number}");
        return Append(
            ids,
            [
                new(StreamId.Of(TenantId.Default, content.Blake3), Time, new LocationSettled(BackendId.Local, content, 1, key, "identity")),
                new(
                    StreamId.Of(TenantId.Default, package), Time,
                    new FileIngested(new(ids.Next()), path, MediaType.OctetStream, BackendId.Local, content)),
            ],
            [new Condition.PackageOpen(TenantId.Default, package), new Condition.PathFree(TenantId.Default, package, path)]);
    }

    private static Append Append(IIds ids, ImmutableArray<StreamEvent> events, ImmutableArray<Condition> conditions) =>
        new(new(ids.Next()), TenantId.Default, Actor, events, conditions, []);

    /// <summary>Spread like real digests, and the same in every run.</summary>
    private static Digest256 Digest(int kind, int number)
    {
        Span<byte> seed = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(seed, kind);
        BinaryPrimitives.WriteInt32LittleEndian(seed[sizeof(int)..], number);
        return Digest256.FromBytes(Blake3.Hash(seed));
    }

    private static CanonicalDocument Document(string parity)
    {
        var json = System.Text.Encoding.UTF8.GetBytes($$"""{"parity":"{{parity}}","build":"synthetic"}""");
        if (!CanonicalDocument.TryFromJson(json, CanonicalLimits.Default, out var document, out var error))
            throw new InvalidOperationException(error);
        return document;
    }
}
