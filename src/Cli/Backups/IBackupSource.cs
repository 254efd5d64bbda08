using ArtifactStore.Client;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Backups;

/// <summary>A store that is backed up: a server, or a database and its backends that nobody serves. Nothing it says is believed unproved.</summary>
public interface IBackupSource : IAsyncDisposable
{
    /// <summary>Events after a sequence, in order, as many as fit a page; none at the end of the log.</summary>
    Task<LogPage> Log(long after, CancellationToken cancellation);

    /// <summary>
    /// Writes the bytes of a content to the destination. False when the store says that it does not have them; then the log may say why
    /// (a later event than those that were read). May be called by many threads.
    /// </summary>
    Task<bool> Copy(ContentDigests content, Stream destination, CancellationToken cancellation);
}

/// <summary>A running server. After the first page its cursors say which life of the log is meant.</summary>
internal sealed class ServerSource(ArtifactStoreClient store) : IBackupSource
{
    private int? _incarnation;

    public async Task<LogPage> Log(long after, CancellationToken cancellation)
    {
        var page = await store.LogPageAsync(_incarnation is { } incarnation ? $"{incarnation}:{after}" : $"{after}", cancellation);
        _incarnation = page.Incarnation;
        return page;
    }

    public async Task<bool> Copy(ContentDigests content, Stream destination, CancellationToken cancellation)
    {
        using var received = new VerifiedDownload(ContentAddress.Blake3(content.Blake3), destination, content.Size);
        try
        {
            await store.DownloadAsync(received, moved: null, cancellation);
            return true;
        }
        catch (ArtifactStoreException gone) when (gone.Failure == StoreFailure.NotFound)
        {
            return false;
        }
    }

    /// <summary>The session owns the client.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
