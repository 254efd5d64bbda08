using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Retention;

/// <summary>A null lifetime never expires.</summary>
public sealed partial record RetentionClassView(string Slug, long? DefaultDurationSeconds, string Description);

/// <summary>The five classes every store begins with, and their lifetimes.</summary>
public static class RetentionClasses
{
    public static readonly IReadOnlyList<RetentionClassView> Seed =
    [
        new("transient", 86_400, "Needed for a day: scratch results, intermediate outputs"),
        new("raw-evidence", 7_776_000, "What was observed, kept for 90 days"),
        new("summary-evidence", 31_536_000, "What was concluded, kept for a year"),
        new("release-evidence", 220_752_000, "What a release rests on, kept for seven years"),
        new("permanent-record", null, "Never expires"),
    ];
}

public sealed partial record DefineRetentionClass(
    AppendId AppendId, TenantId Tenant, string Actor, DateTimeOffset Time, string Slug, long? DefaultDurationSeconds, string Description);

/// <summary>The retention class <c>{tenant}/{slug}</c>.</summary>
public interface IRetentionClassGrain : IGrain
{
    Task<Outcome<RetentionClassView>> Describe();

    /// <summary>Defining the same again changes nothing.</summary>
    Task<Outcome<RetentionClassView>> Define(DefineRetentionClass command);
}
