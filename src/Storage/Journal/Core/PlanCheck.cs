using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>The part of <see cref="AppendCheck"/> that is about plans: each event of a plan is an append that expects its place.</summary>
internal static class PlanCheck
{
    public static string? FindFault(Append append, in StreamId stream)
    {
        if (stream.Kind != SubjectKind.Plan) return "the plan is on a stream that is not its";
        if (append.Events.Length > 1) return "an event of a plan is an append of its own";
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.StreamAt at && at.Stream == stream) return null;
        }
        return $"the plan {stream.Id} changes without expecting its version";
    }

    public static string? FindFault(BatchState state, Append append, in StreamId stream, PlanListed listed)
    {
        if (FindFault(append, stream) is { } fault) return fault;
        if (listed.Packages.Length is 0 or > PlanListed.MaxPackages) return "a part of a plan is empty or too large";
        var seen = new HashSet<PackageRef>();
        foreach (var item in listed.Packages)
        {
            var package = new PackageRef(stream.Tenant, item.Package);
            if (state.Packages[package] is null) return $"there is no package {item.Package}";
            if (!seen.Add(package)) return $"the package {item.Package} is listed twice";
        }
        return null;
    }
}
