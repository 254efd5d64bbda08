using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Interfaces.Retention;

/// <summary>Why a package may be deleted.</summary>
public enum EligibilityCause
{
    Expired = 1,
    Requested = 2,
}

/// <summary>Nothing but holds keeps the package. The reason is that of whoever asked; expiry has none.</summary>
public sealed partial record Eligibility(DateTimeOffset Since, EligibilityCause Cause, string? Reason);

/// <summary>A package whose time is over and that is not marked yet.</summary>
public sealed partial record DuePackage(TenantId Tenant, PackageId Package, DateTimeOffset ExpiresAt, long Key);

/// <summary>The package is kept longer. A new expiry is later than the present one and in the future.</summary>
public sealed partial record ExtendRetention(
    AppendId AppendId, TenantId Tenant, PackageId Package, string Actor, DateTimeOffset Time, DateTimeOffset NewExpiresAt, string Reason);

/// <summary>Somebody wants the package deleted before its time.</summary>
public sealed partial record RequestDeletion(
    AppendId AppendId, TenantId Tenant, PackageId Package, string Actor, DateTimeOffset Time, string Reason);

/// <summary>A sweep found that the package expired at this time.</summary>
public sealed partial record MarkExpired(
    AppendId AppendId, TenantId Tenant, PackageId Package, string Actor, DateTimeOffset Time, DateTimeOffset ExpiresAt);

/// <summary>What marking did.</summary>
public enum MarkAnswer
{
    Marked = 1,

    /// <summary>A hold keeps it.</summary>
    Held = 2,

    /// <summary>It is marked already, was extended meanwhile, or is gone.</summary>
    NotDue = 3,
}

/// <summary>How kinds and causes are spelled in events, tables and on the doors.</summary>
public static class RetentionNames
{
    public static string Of(HoldKind kind) => kind switch
    {
        HoldKind.Package => "package",
        HoldKind.Content => "content",
        HoldKind.Producer => "producer",
        HoldKind.Subject => "subject",
        HoldKind.Everything => "everything",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static HoldKind? TryHoldKind(string name) => name switch
    {
        "package" => HoldKind.Package,
        "content" => HoldKind.Content,
        "producer" => HoldKind.Producer,
        "subject" => HoldKind.Subject,
        "everything" => HoldKind.Everything,
        _ => null,
    };

    public static string Of(EligibilityCause cause) => cause switch
    {
        EligibilityCause.Expired => "expired",
        EligibilityCause.Requested => "requested",
        _ => throw new ArgumentOutOfRangeException(nameof(cause)),
    };

    public static EligibilityCause? TryCause(string name) => name switch
    {
        "expired" => EligibilityCause.Expired,
        "requested" => EligibilityCause.Requested,
        _ => null,
    };
}
