using ArtifactStore.Gateway.Shared;
using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.MetadataSchemas;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Blobs.Local;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.Gateway.Tests.Fixtures;

/// <summary>The real store in a folder of its own: SQLite journal, local backend, embedded grains, and the doors in front.</summary>
public sealed class RealStore : IAsyncDisposable
{
    private readonly SqliteStore _database;
    private readonly EmbeddedGrains _host;

    private RealStore(string folder, SqliteStore database, EmbeddedGrains host, GatewayServer server)
    {
        Folder = folder;
        _database = database;
        _host = host;
        Server = server;
    }

    public string Folder { get; }

    public string BlobRoot => Path.Combine(Folder, "storage");

    public GatewayServer Server { get; }

    public HttpClient Client => Server.Client;

    public IGrains Grains => _host;

    public IStoreDatabase Database => _database;

    public required IBlobStores Blobs { get; init; }

    /// <param name="wrap">Stands before the backend.</param>
    /// <param name="planValidity">How long plans may be run; null: the default.</param>
    /// <param name="more">Other directories beside the first one, each a backend; nothing is routed to them.</param>
    public static async Task<RealStore> Start(
        GatewayOptions? options = null, string? folder = null, IAuthorizer? authorizer = null, Func<IBlobStore, IBlobStore>? wrap = null,
        TimeSpan? planValidity = null, params BackendId[] more)
    {
        folder ??= Directory.CreateTempSubdirectory("artifactstore-gateway-").FullName;
        var ids = new RandomIds();
        var time = TimeProvider.System;
        var store = await SqliteStore.Open(new SqliteOptions { Path = Path.Combine(folder, "store.db") }, time, ids);
        IBlobStore first = new LocalBlobStore(BackendId.Local, Path.Combine(folder, "storage"), store.Nodes.Self);
        if (wrap is not null) first = wrap(first);
        var blobs = new Backends([first, .. more.Select(id => new LocalBlobStore(id, Path.Combine(folder, id.Value), store.Nodes.Self))]);
        var status = await store.Views.Status();
        await store.Nodes.Beat("tester's node");
        foreach (var backend in blobs.All) await backend.Claim(new(status.StoreId, status.Incarnation));
        var (journal, views) = (store.Journal, store.Views);
        var factories = new GrainFactories()
            .Add<IPackageGrain>(context => new PackageGrain(journal, views, context.Grains))
            .Add<IContentGrain>(_ => new ContentGrain(journal, views, time, ids))
            .Add<IRetentionClassGrain>(_ => new RetentionClassGrain(journal, views))
            .Add<IHoldGrain>(_ => new HoldGrain(journal, views))
            .Add<IPlanGrain>(_ => new PlanGrain(journal, store.Plans))
            .Add<IMetadataSchemaGrain>(_ => new MetadataSchemaGrain(journal, views));
        var grains = new EmbeddedGrains(factories, TaskScheduler.Default, time);
        var server = await GatewayServer.Start(
            journal, views, store.Maintenance, store.Nodes, grains, blobs, options, authorizer, store.Collection, store.Plans, planValidity, store.Keeping);
        return new(folder, store, grains, server) { Blobs = blobs };
    }

    /// <summary>Objects of the backend: what was kept, whatever the journal says.</summary>
    public IEnumerable<string> Objects() => Objects(BlobRoot);

    public static IEnumerable<string> Objects(string root) =>
        Directory.EnumerateFiles(Path.Combine(root, "blake3").EnsureExists(), "*", SearchOption.AllDirectories);

    public IEnumerable<string> Stages() =>
        Directory.EnumerateFiles(Path.Combine(BlobRoot, "staging").EnsureExists(), "*", SearchOption.AllDirectories);

    /// <summary>Closes the store and keeps its folder, for a test that opens it again.</summary>
    public async Task Stop()
    {
        await Server.DisposeAsync();
        await _host.DisposeAsync();
        await _database.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        Directory.Delete(Folder, recursive: true);
    }
}

internal static class Folders
{
    public static string EnsureExists(this string folder) => Directory.CreateDirectory(folder).FullName;
}
