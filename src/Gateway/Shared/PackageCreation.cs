using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <summary>What a caller says about a package it wants.</summary>
public sealed record NewPackage(
    string Name,
    string Producer,
    string Subject,
    string RetentionClass,
    CanonicalDocument Metadata,
    string? MetadataSchema = null,
    string? IdempotencyKey = null);

/// <summary>
/// Makes packages. Invariant: one idempotency key names one request for ever; a repeat, however late and on whichever node, answers with
/// the package that the first one made.
/// </summary>
public sealed class PackageCreation(IGrains grains, IViews views, IBlobStores stores, IIds ids, TimeProvider time)
{
    public async Task<Outcome<PackageView>> Create(Principal caller, NewPackage package, CancellationToken cancellation)
    {
        if (Refuse(package) is { } refusal) return refusal;
        var requestDigest = DigestOf(package);
        if (package.IdempotencyKey is not null && await Repeat(caller, package.IdempotencyKey, requestDigest, cancellation) is { } repeat)
            return repeat;

        var id = new PackageId(ids.Next());
        var command = new CreatePackage(
            new AppendId(ids.Next()),
            caller.Tenant,
            id,
            caller.Actor,
            time.GetUtcNow(),
            package.Name,
            package.Producer,
            package.Subject,
            package.RetentionClass,
            stores.Route(package.Producer, package.RetentionClass),
            package.Metadata,
            package.MetadataSchema,
            package.IdempotencyKey,
            requestDigest);
        var answer = await grains.Call<IPackageGrain, Outcome<PackageAnswer>>(
            PackageKey.Of(caller.Tenant, id), grain => grain.Create(command));
        if (answer.Succeeded)
        {
            return answer.Value is PackageAnswer.Done done
                ? done.Package
                : throw new InvalidOperationException($"unexpected answer {answer.Value.GetType().Name}");
        }
        // Two requests with one key raced: whoever lost answers with what the winner made.
        var lostRace = package.IdempotencyKey is not null && answer.Error.Code == ErrorCatalogue.IdempotencyKeyReused.Code;
        return lostRace && await Repeat(caller, package.IdempotencyKey!, requestDigest, cancellation) is { } first ? first : answer.Error;
    }

    /// <summary>Null when nobody used the key.</summary>
    private async Task<Outcome<PackageView>?> Repeat(Principal caller, string key, Digest256 requestDigest, CancellationToken cancellation)
    {
        var entry = await views.IdempotencyKey(caller.Tenant, caller.Actor, key, cancellation);
        if (entry is null) return null;
        if (entry.RequestDigest != requestDigest)
            return new Outcome<PackageView>(ErrorCatalogue.IdempotencyKeyReused.With("the key was used before with another body"));
        var made = await views.Package(caller.Tenant, PackageId.Parse(entry.ResultId, null), cancellation);
        return made is null ? ErrorCatalogue.PackageUnknown.With($"package {entry.ResultId}, made with this key, is gone") : made;
    }

    private static Error? Refuse(NewPackage package) =>
        RefuseText("name", package.Name, PackageLimits.MaxNameLength)
        ?? RefuseText("producer", package.Producer, PackageLimits.MaxProducerLength)
        ?? RefuseText("subject", package.Subject, PackageLimits.MaxSubjectLength)
        ?? RefuseText("retention_class", package.RetentionClass, PackageLimits.MaxNameLength)
        ?? (package.MetadataSchema is null ? null : RefuseText("metadata_schema", package.MetadataSchema, PackageLimits.MaxNameLength))
        ?? (package.IdempotencyKey is null
            ? null
            : RefuseText("Idempotency-Key", package.IdempotencyKey, PackageLimits.MaxIdempotencyKeyLength))
        ?? (package.Metadata.IsMap ? null : ErrorCatalogue.RequestMalformed.With("'metadata' must be an object"))
        ?? (package.Metadata.Cbor.Length <= PackageLimits.MaxMetadataBytes
            ? null
            : ErrorCatalogue.RequestMalformed.With($"'metadata' is larger than {PackageLimits.MaxMetadataBytes} bytes"));

    private static Error? RefuseText(string field, string value, int maxLength)
    {
        if (string.IsNullOrWhiteSpace(value)) return ErrorCatalogue.RequestMalformed.With($"'{field}' is empty");
        if (value.Length > maxLength) return ErrorCatalogue.RequestMalformed.With($"'{field}' is longer than {maxLength} characters");
        foreach (var c in value)
        {
            if (char.IsControl(c)) return ErrorCatalogue.RequestMalformed.With($"'{field}' contains a control character");
        }
        return null;
    }

    /// <summary>
    /// Over the values, each with its length before it: neither spelling of the JSON nor moving a character between fields matters.
    /// </summary>
    private static Digest256 DigestOf(NewPackage package)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in (ReadOnlySpan<string>)[
            package.Name, package.Producer, package.Subject, package.RetentionClass, package.MetadataSchema ?? ""])
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        hash.AppendData(package.Metadata.Cbor.Span);
        return Digest256.FromBytes(hash.GetHashAndReset());
    }
}
