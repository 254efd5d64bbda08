using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.MetadataSchemas;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Silo.Background;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Storage.Blobs;
using ArtifactStore.Storage.Blobs.Local;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Hosting;

/// <summary>
/// The parts of one store, wired: database, backends, grains. What <c>serve</c> puts doors on and what the library hands out are the same
/// thing. Opening it opens the database and binds every backend root to it; starting makes it a node of the store; disposing drains and lets
/// go.
/// </summary>
public sealed partial class StoreComposition : IAsyncDisposable
{
    private readonly IStoreDatabase _database;
    private readonly EmbeddedGrains _grains;
    private readonly BackgroundWork _background;
    private readonly string _nodeName;

    private StoreComposition(
        IStoreDatabase database, IBlobStores blobs, EmbeddedGrains grains, string nodeName, ILoggerFactory loggers, TimeProvider time, IIds ids)
    {
        _database = database;
        _grains = grains;
        _nodeName = nodeName;
        Blobs = blobs;
        Time = time;
        Ids = ids;
        IBackgroundJob[] jobs =
        [
            new BeatJob(Nodes, nodeName), new SweepStagesJob(Nodes, blobs), new CondemnAbandonedJob(Nodes, Maintenance),
        ];
        _background = new(Nodes, jobs, time, TaskScheduler.Default, loggers.CreateLogger<BackgroundWork>());
    }

    public IJournal Journal => _database.Journal;

    public IViews Views => _database.Views;

    public INodes Nodes => _database.Nodes;

    public IMaintenance Maintenance => _database.Maintenance;

    public IBlobStores Blobs { get; }

    public IGrains Grains => _grains;

    public TimeProvider Time { get; }

    public IIds Ids { get; }

    /// <exception cref="SettingsException">A setting asks for what this build has not.</exception>
    /// <exception cref="BlobStoreException">A backend root cannot be used, or belongs to another store.</exception>
    public static async Task<StoreComposition> Open(
        StoreSettings settings, ILoggerFactory loggers, TimeProvider? time = null, IIds? ids = null, bool migrate = true)
    {
        time ??= SystemClock.Instance;
        ids ??= new SystemIds();
        var database = await OpenDatabase(settings.Database, migrate, time, ids);
        try
        {
            var blobs = BackendsOf(settings, database.Nodes.Self);
            var status = await database.Views.Status();
            var holdsBytes = (await database.Views.Events(0, 1, [EventCodec.NameOf<LocationSettled>()])).Count > 0;
            foreach (var backend in blobs.All) await backend.Claim(new BackendIdentity(status.StoreId, status.Incarnation), holdsBytes);
            var grains = GrainsOf(database, loggers.CreateLogger<EmbeddedGrains>(), time, ids);
            return new StoreComposition(database, blobs, grains, NodeNameOf(settings), loggers, time, ids);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// To be awaited before the first request: from here on the other nodes know this one, so that nobody sweeps what it stages. Then begins
    /// the background work.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public async Task Start()
    {
        await Nodes.Beat(_nodeName);
        _background.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _background.DisposeAsync();
        await _grains.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static async Task<IStoreDatabase> OpenDatabase(DatabaseSettings settings, bool migrate, TimeProvider time, IIds ids) => settings switch
    {
        DatabaseSettings.Sqlite sqlite => await SqliteStore.Open(new SqliteOptions { Path = sqlite.Path, Migrate = migrate }, time, ids),
        _ => throw new SettingsException("ARTIFACTSTORE_DATABASE_URL names PostgreSQL, which this version does not support yet; use sqlite:///path."),
    };

    private static BlobStores BackendsOf(StoreSettings settings, NodeId node) => new(
        [.. settings.Backends.Select(id => (IBlobStore)new LocalBlobStore(id, Path.GetFullPath(settings.LocalRoot), node))],
        settings.DefaultBackend,
        settings.Routes);

    /// <summary>For people only: nodes are told apart by their ids.</summary>
    private static string NodeNameOf(StoreSettings settings) => settings.NodeName ?? $"{Environment.MachineName}:{settings.Listen[0].Port}";

    private static EmbeddedGrains GrainsOf(IStoreDatabase database, ILogger logger, TimeProvider time, IIds ids)
    {
        var journal = database.Journal;
        var views = database.Views;
        var factories = new GrainFactories()
            .Add<IPackageGrain>(context => new PackageGrain(journal, views, context.Grains))
            .Add<IContentGrain>(_ => new ContentGrain(journal, views, time, ids))
            .Add<IRetentionClassGrain>(_ => new RetentionClassGrain(journal, views))
            .Add<IMetadataSchemaGrain>(_ => new MetadataSchemaGrain(journal, views));
        var options = new EmbeddedGrainsOptions { Unhandled = (key, exception) => LogDeactivationFailed(logger, key, exception) };
        return new EmbeddedGrains(factories, TaskScheduler.Default, time, options);
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "The grain {Key} failed while it was being dropped")]
    private static partial void LogDeactivationFailed(ILogger logger, string key, Exception exception);
}
