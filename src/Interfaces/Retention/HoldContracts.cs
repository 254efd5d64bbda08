using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Retention;

/// <summary>What a hold covers.</summary>
public enum HoldKind
{
    /// <summary>One package, by its id.</summary>
    Package = 1,

    /// <summary>One content, by the hex of its BLAKE3. Such a hold is a reference: it keeps the bytes alive by itself.</summary>
    Content = 2,

    /// <summary>Packages of this producer, or below it: <c>a/b</c> covers <c>a/b</c> and <c>a/b/c</c>, not <c>a/bc</c>.</summary>
    Producer = 3,

    /// <summary>Packages about this subject, or below it.</summary>
    Subject = 4,

    /// <summary>Every package there is and will be.</summary>
    Everything = 5,
}

/// <summary>What one hold names; the holds that keep a package are found by the few of these that cover it.</summary>
public readonly partial record struct HoldCover(HoldKind Kind, string Covers)
{
    public static readonly HoldCover Everything = new(HoldKind.Everything, "");

    /// <summary>Everything that would keep this package: as many as its texts have parts, whatever the number of holds.</summary>
    public static IReadOnlyList<HoldCover> Of(PackageId package, string producer, string subject)
    {
        var covers = new List<HoldCover> { Everything, new(HoldKind.Package, package.ToString()) };
        Add(covers, HoldKind.Producer, producer);
        Add(covers, HoldKind.Subject, subject);
        return covers;
    }

    private static void Add(List<HoldCover> covers, HoldKind kind, string text)
    {
        for (var end = text.Length; end > 0; end = text.LastIndexOf('/', end - 1)) covers.Add(new(kind, text[..end]));
    }
}

/// <summary>A hold that stands. <paramref name="Key"/> is the sequence of the event that applied it.</summary>
public sealed partial record HoldView(
    long Key,
    TenantId Tenant,
    HoldId Id,
    HoldKind Kind,
    string Covers,
    string Reason,
    string Owner,
    DateTimeOffset AppliedAt,
    DateTimeOffset? Until);

/// <summary>Limits of the texts of retention, checked where they enter.</summary>
public static class RetentionLimits
{
    public const int MaxReasonLength = 1024;
    public const int MaxOwnerLength = 255;

    /// <summary>A row is found by it, and an entry of a b-tree is bounded.</summary>
    public const int MaxCoversBytes = 1024;
}

/// <summary>Ids and times arrive inside the command, as everywhere.</summary>
/// <param name="Live">Of a hold on a content: a backend in which it is live, which the append proves. Else null.</param>
public sealed partial record ApplyHold(
    AppendId AppendId,
    TenantId Tenant,
    HoldId Hold,
    string Actor,
    DateTimeOffset Time,
    HoldCover Cover,
    string Reason,
    string Owner,
    DateTimeOffset? Until,
    BackendId? Live = null);

/// <param name="Key">The very hold that was seen; null: whichever stands under this id.</param>
public sealed partial record ReleaseHold(
    AppendId AppendId, TenantId Tenant, HoldId Hold, string Actor, DateTimeOffset Time, HoldCover Cover, string Reason, long? Key = null);

/// <summary>A hold that is on no single package: <c>{tenant}/{hold id}</c>.</summary>
public interface IHoldGrain : IGrain
{
    Task<Outcome<HoldView>> Apply(ApplyHold command);

    Task<Outcome<bool>> Release(ReleaseHold command);
}

public static class HoldKey
{
    public static string Of(TenantId tenant, HoldId hold) => $"{tenant}/{hold}";
}
