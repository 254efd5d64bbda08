namespace ArtifactStore.Client.Transport;

internal static class ConnectionLost
{
    public static ArtifactStoreException Of(string address, string reason, bool worthRepeating, Exception? inner = null) =>
        new(StoreFailure.Unreachable, $"cannot reach {address}: {reason}", inner) { Retryable = worthRepeating };
}
