using ArtifactStore.Cli;
using ArtifactStore.Cli.Backups;
using ArtifactStore.Client;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>A store that nobody serves, opened here for a backup. It reads bytes the way a server does, so what is missing is reported too.</summary>
internal sealed class DatabaseSource(StoreComposition store, StoreStatus status) : IBackupSource
{
    private const int EventsPerPage = 1000;

    private readonly ContentReader _reader = new(store.Views, store.Grains, store.Blobs, NullLogger<ContentReader>.Instance);

    public static async Task<DatabaseSource> Open(StoreSettings settings)
    {
        // Opening would create a store, and a backup of that is not what was meant.
        if (settings.Database is DatabaseSettings.Sqlite { Path: var path } && !File.Exists(path))
            throw new CliFailureException(ExitCode.Failed, $"no server answers, and there is no database {Path.GetFullPath(path)}");
        var store = await StoreErrors.Told(() => StoreComposition.Open(settings, NullLoggerFactory.Instance, migrate: false));
        return new(store, await store.Views.Status());
    }

    public async Task<LogPage> Log(long after, CancellationToken cancellation)
    {
        var head = store.Journal.Head;
        var events = await StoreErrors.Told(() => store.Views.Events(after, EventsPerPage, [], cancellation));
        return new(status.StoreId, status.Incarnation, head, $"{status.Incarnation}:{head}", events);
    }

    public async Task<bool> Copy(ContentDigests content, Stream destination, CancellationToken cancellation)
    {
        var scope = new ReadScope(TenantId.Default);
        var found = await _reader.Find(scope, ContentAddress.Blake3(content.Blake3), cancellation);
        if (!found.Succeeded) return IsGone(found.Error);
        var opened = await StoreErrors.Told(() => _reader.Open(scope, found.Value, 0, content.Size, cancellation));
        if (!opened.Succeeded) return IsGone(opened.Error);
        await using var bytes = opened.Value;
        await bytes.CopyToAsync(destination, cancellation);
        return true;
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static bool IsGone(Error error) =>
        error.Code == ErrorCatalogue.BytesMissing.Code || error.Code == ErrorCatalogue.ContentUnknown.Code
            ? false
            : throw new CliFailureException(ExitCode.Failed, error.Detail);
}
