using System.Text;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Tests.Events;

/// <summary>One event of each kind, with every field filled; the golden files are their bytes.</summary>
internal static class Samples
{
    public static readonly IReadOnlyList<StoreEvent> All =
    [
        new PackageCreated(
            "nightly build", "ci", "app/1.2", "raw-evidence", new("local"), Document("""{"branch":"main","n":1}"""), "build.v1"),
        new RetentionDefaultApplied("raw-evidence", new(2027, 2, 18, 12, 0, 0, 123, 456, TimeSpan.Zero)),
        new FileIngested(
            FileId.Parse("0193f6a0-1234-7abc-8def-0123456789ab", null), RelativePath.FromStored("dir/ü.txt"),
            MediaType.FromStored("text/plain; charset=utf-8"), new("local"), Content("abc", 3)),
        new PackageFinalized(Content("manifest", 1_234), new("local"), 100_000, 5_000_000_000),
        new LocationSettled(new("s3"), Content("abc", 3), 2, "blake3/ab/cd/abcd.2-00ff", "identity"),
        new LocationCondemned(new("s3"), Content("abc", 3).Blake3, 2, "blake3/ab/cd/abcd.2-00ff", "abandoned"),
        new LocationDeleted(new("s3"), Content("abc", 3).Blake3, true) { Generation = 2, File = Keeper.File, FileKey = Keeper.FileKey },
        new ContentMoved(Content("abc", 3).Blake3, new("local"), new("s3")),
        new CollectionStarted("0193f6a0-1234-7abc-8def-0123456789ac"),
        new PackageCollected(),
        new LocationFailed(new("local"), Content("abc", 3).Blake3, 1, "no bytes at the key"),
        new LocationVerified(new("s3"), Content("abc", 3).Blake3, 2),
        new LocationRepaired(new("local"), Content("abc", 3).Blake3, 2, 1),
        new RetentionClassDefined("raw-evidence", 7_776_000, "What was observed, kept for 90 days"),
        new MetadataSchemaRegistered("build.v1", Document("""{"type":"object","required":["branch"]}""")),
        new RetentionExtended(new(2027, 2, 18, 12, 0, 0, 123, 456, TimeSpan.Zero), "the audit takes longer"),
        new HoldApplied(
            HoldId.Parse("0193f6a0-1234-7abc-8def-0123456789ab", null), HoldKind.Subject, "app/1.2", "case 4711", "legal",
            new(2028, 1, 1, 0, 0, 0, TimeSpan.Zero)),
        new HoldReleased(HoldId.Parse("0193f6a0-1234-7abc-8def-0123456789ab", null), "case 4711 is settled"),
        new DeletionEligible(EligibilityCause.Requested, "pushed by mistake"),
        new PlanListed(
        [
            new(
                PackageId.Parse("0193f6a0-1234-7abc-8def-0123456789aa", null), 7, EligibilityCause.Requested, "pushed by mistake",
                new(2027, 2, 18, 12, 0, 0, 123, 456, TimeSpan.Zero), 100_000, 5_000_000_000),
            new(
                PackageId.Parse("0193f6a0-1234-7abc-8def-0123456789ac", null), 3, EligibilityCause.Expired, null,
                new(2027, 2, 18, 12, 0, 0, TimeSpan.Zero), 1, 0),
        ]),
        new PlanMade(4711, new(2027, 2, 19, 12, 0, 0, TimeSpan.Zero), 2, 100_001, 5_000_000_000, 4_000_000_000),
        new PlanStarted(),
        new PlanEnded(1, 1),
    ];

    /// <summary>The same kinds with every optional field absent.</summary>
    public static readonly IReadOnlyList<StoreEvent> Bare =
    [
        new PackageCreated("n", "p", "s", "permanent-record", new("local"), CanonicalDocument.EmptyMap, null),
        new RetentionDefaultApplied("permanent-record", null),
        new RetentionClassDefined("permanent-record", null, ""),
        new HoldApplied(HoldId.Parse("0193f6a0-1234-7abc-8def-0123456789ab", null), HoldKind.Everything, "", "r", "o", null),
        new DeletionEligible(EligibilityCause.Expired, null),
        new LocationDeleted(new("s3"), Content("abc", 3).Blake3, false),
        new CollectionStarted(null),
    ];

    /// <summary>Kinds that have got optional fields since they were frozen, with these filled. The golden file of their first form stays.</summary>
    public static readonly IReadOnlyList<StoreEvent> Grown =
    [
        new LocationCondemned(new("s3"), Content("abc", 3).Blake3, 2, "blake3/ab/cd/abcd.2-00ff", "released") { Releases = Keeper },
    ];

    private static Keeper Keeper => new(
        PackageId.Parse("0193f6a0-1234-7abc-8def-0123456789aa", null), FileId.Parse("0193f6a0-1234-7abc-8def-0123456789ab", null), 4711);

    public static ContentDigests Content(string text, long size)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new(
            Digest256.FromBytes(Blake3.Hash(bytes)), Digest256.FromBytes(System.Security.Cryptography.SHA256.HashData(bytes)), size);
    }

    private static CanonicalDocument Document(string json) =>
        CanonicalDocument.TryFromJson(Encoding.UTF8.GetBytes(json), CanonicalLimits.Default, out var document, out var error)
            ? document
            : throw new InvalidOperationException(error);
}
