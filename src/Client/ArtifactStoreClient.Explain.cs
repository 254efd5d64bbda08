namespace ArtifactStore.Client;

/// <summary>Why things are here.</summary>
public sealed partial class ArtifactStoreClient
{
    /// <param name="subject">A content address, or the id of a package or a file.</param>
    /// <param name="limit">Keepers in a page.</param>
    /// <param name="cursor">Next of the page before; null begins.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public Task<Explained> ExplainAsync(string subject, int limit = 100, string? cursor = null, CancellationToken cancellation = default)
    {
        var more = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
        return Get($"explain/{Uri.EscapeDataString(subject)}?limit={limit}{more}", WireJson.Default.Explained, cancellation);
    }

    /// <summary>Packages whose deletion would free at least so many bytes. Nothing is changed by asking.</summary>
    public Task<FoundSpace> FindSpaceAsync(long bytes, CancellationToken cancellation = default) =>
        Get($"explain?free={bytes}", WireJson.Default.FoundSpace, cancellation);
}
