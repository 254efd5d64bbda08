using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs;

/// <summary>
/// Which backend takes a new package: <c>producer:retention_class=backend_id</c>, separated by commas, <c>*</c> for either side. The
/// first line that fits wins; where none fits, the default does. A route only decides about new bytes: locations that exist keep their
/// backend.
/// </summary>
public sealed class BlobRoutes
{
    private const string Any = "*";

    private readonly record struct Route(string Producer, string RetentionClass, BackendId Backend)
    {
        public bool Fits(string producer, string retentionClass) =>
            (Producer == Any || Producer == producer) && (RetentionClass == Any || RetentionClass == retentionClass);
    }

    private readonly List<Route> _routes;

    private BlobRoutes(List<Route> routes) => _routes = routes;

    public IEnumerable<BackendId> Backends => _routes.Select(route => route.Backend);

    /// <summary>Those that are named; the wildcard is none.</summary>
    public IEnumerable<string> RetentionClasses => _routes.Select(route => route.RetentionClass).Where(name => name != Any);

    /// <exception cref="FormatException">A line does not have the form, said in one sentence.</exception>
    public static BlobRoutes Parse(string? text) => new(
        [.. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseLine)]);

    public BackendId? Find(string producer, string retentionClass)
    {
        foreach (var route in _routes)
        {
            if (route.Fits(producer, retentionClass)) return route.Backend;
        }
        return null;
    }

    private static Route ParseLine(string line)
    {
        // From the right: a producer may contain both marks, a class and a backend neither.
        var equals = line.LastIndexOf('=');
        var colon = equals < 0 ? -1 : line.LastIndexOf(':', equals);
        var route = colon < 0
            ? default
            : new Route(line[..colon].Trim(), line[(colon + 1)..equals].Trim(), new(line[(equals + 1)..].Trim()));
        if (string.IsNullOrEmpty(route.Producer) || route.RetentionClass.Length == 0 || route.Backend.Value.Length == 0)
            throw new FormatException($"The storage route '{line}' does not have the form producer:retention_class=backend_id.");
        return route;
    }
}
