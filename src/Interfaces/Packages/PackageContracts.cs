using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Packages;

public enum PackageStatus
{
    Created = 1,
    Finalized = 2,
    GarbageCollected = 3,

    /// <summary>Its collection has begun: it takes nothing any more, and its files go one by one.</summary>
    Collecting = 4,
}

public sealed partial record PackageView(
    TenantId Tenant,
    PackageId Id,
    string Name,
    string Producer,
    string Subject,
    string RetentionClass,
    PackageStatus Status,
    BackendId Backend,
    CanonicalDocument Metadata,
    string? MetadataSchema,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt,
    long FileCount,
    long TotalBytes,
    ContentDigests? Manifest,
    DateTimeOffset? FinalizedAt,
    long Version,
    long LastEventSequence)
{
    /// <summary>Null: it is kept, by its time. Deciding a deletion asks the gate as well.</summary>
    public Eligibility? Eligible { get; init; }
}

public sealed partial record FileView(
    FileId Id,
    PackageId Package,
    RelativePath Path,
    MediaType MediaType,
    BackendId Backend,
    ContentDigests Content,
    DateTimeOffset IngestedAt,
    string IngestedBy);

/// <summary>Limits of the texts of a package, checked where they enter.</summary>
public static class PackageLimits
{
    public const int MaxNameLength = 255;
    public const int MaxProducerLength = 255;
    public const int MaxSubjectLength = 1024;
    public const int MaxMetadataBytes = 64 * 1024;
    public const int MaxIdempotencyKeyLength = 255;
}

/// <summary>Ids and times arrive inside the command, so that deciding is a pure function. Append ids make a repeat harmless.</summary>
public sealed partial record CreatePackage(
    AppendId AppendId,
    TenantId Tenant,
    PackageId Id,
    string Actor,
    DateTimeOffset Time,
    string Name,
    string Producer,
    string Subject,
    string RetentionClass,
    BackendId Backend,
    CanonicalDocument Metadata,
    string? MetadataSchema,
    string? IdempotencyKey,
    Digest256 RequestDigest);

/// <summary>A content becomes a file of the package. The placement is the claim that its bytes are there.</summary>
public sealed partial record IngestFile(
    AppendId AppendId,
    TenantId Tenant,
    PackageId Package,
    string Actor,
    DateTimeOffset Time,
    FileId FileId,
    RelativePath Path,
    MediaType MediaType,
    ContentDigests Content,
    Placement Placement);

/// <summary>
/// The manifest was built over the package at <paramref name="Version"/>; it is refused as stale when the package has changed since.
/// </summary>
public sealed partial record FinalizePackage(
    AppendId AppendId,
    TenantId Tenant,
    PackageId Package,
    string Actor,
    DateTimeOffset Time,
    long Version,
    ContentDigests Manifest,
    Placement Placement);

/// <summary>What a command on a package did. A repeat is accepted and changes nothing.</summary>
public abstract partial record PackageAnswer
{
    private PackageAnswer() { }

    public sealed partial record Done(PackageView Package) : PackageAnswer;

    /// <summary>
    /// It had been done before, by somebody else or by an earlier try: nothing of this command was written, its placement was not used.
    /// </summary>
    public sealed partial record AlreadySo(PackageView Package) : PackageAnswer;

    public sealed partial record FileDone(FileView File) : PackageAnswer;

    /// <summary>
    /// The claim no longer holds (the reservation was condemned, or the live location is going): place the bytes again and repeat.
    /// </summary>
    public sealed partial record PlaceAgain : PackageAnswer;

    /// <summary>The manifest is of an older version: build it again and repeat.</summary>
    public sealed partial record Stale : PackageAnswer;
}

/// <summary>The package <c>{tenant}/{package id}</c>. It never loads its files: a package of 100,000 is as cheap as one of ten.</summary>
public interface IPackageGrain : IGrain
{
    Task<Outcome<PackageAnswer>> Create(CreatePackage command);

    Task<Outcome<PackageAnswer>> Ingest(IngestFile command);

    Task<Outcome<PackageAnswer>> Finalize(FinalizePackage command);

    Task<Outcome<PackageView>> Extend(ExtendRetention command);

    Task<Outcome<HoldView>> ApplyHold(ApplyHold command);

    Task<Outcome<PackageView>> ReleaseHold(ReleaseHold command);

    /// <summary>A repeat changes nothing.</summary>
    Task<Outcome<PackageView>> RequestDeletion(RequestDeletion command);

    Task<Outcome<MarkAnswer>> MarkExpired(MarkExpired command);

    Task<Outcome<StartAnswer>> Start(StartCollection command);

    Task<Outcome<ReleaseAnswer>> Release(ReleaseReference command);

    /// <summary>False: it was reported before.</summary>
    Task<Outcome<bool>> Report(ReportDeleted command);

    /// <summary>False: something is left, or it has ended.</summary>
    Task<Outcome<bool>> End(EndCollection command);

    Task<Outcome<PackageView>> Describe();
}

public static class PackageKey
{
    public static string Of(TenantId tenant, PackageId package) => $"{tenant}/{package}";
}
