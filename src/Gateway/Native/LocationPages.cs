using System.Globalization;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>What the operations that work on a whole backend, a page at a time, ask for in the same words.</summary>
internal static class LocationPages
{
    public static OperationParameter After { get; } = new("after", ParameterPlace.Query, "next of the page before; absent begins");

    public static OperationParameter Jobs { get; } = new(
        "jobs", ParameterPlace.Query,
        $"Objects that are read at once, 1 to {LocationWalk.MaxJobs}; {LocationWalk.DefaultJobs} if absent", Type: "integer");

    public static (long After, int Jobs) Of(QueryFields query)
    {
        var text = query.Text("after");
        var jobs = query.Number("jobs", 1, LocationWalk.MaxJobs, LocationWalk.DefaultJobs);
        var after = 0L;
        if (text is not null && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            query.Refuse("'after' must be the 'next' of a page");
        return (after, jobs);
    }
}
