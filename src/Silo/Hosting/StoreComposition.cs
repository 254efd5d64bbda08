using System.Runtime.CompilerServices;
using ArtifactStore.Cli.Backups;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.MetadataSchemas;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
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
using ArtifactStore.Storage.Blobs.S3;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Postgres;
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
    private readonly IReadOnlyDictionary<string, long?> _lifetimes;

    private StoreComposition(
        IStoreDatabase database, IBlobStores blobs, EmbeddedGrains grains, StoreSettings settings, ILoggerFactory loggers, TimeProvider time,
        IIds ids)
    {
        _database = database;
        _grains = grains;
        _nodeName = NodeNameOf(settings);
        _lifetimes = settings.Lifetimes;
        Blobs = blobs;
        Time = time;
        Ids = ids;
        var ingest = new ContentIngest(grains, blobs, ids, loggers.CreateLogger<ContentIngest>());
        var repair = new LocationRepair(Views, grains, blobs, ingest, loggers.CreateLogger<LocationRepair>());
        Verifier = new(Views, grains, blobs, repair, loggers.CreateLogger<LocationVerifier>());
        Mover = new(Views, grains, blobs, ingest, Verifier, loggers.CreateLogger<LocationMover>());
        var deletion = new LocationDeletion(database.Collection, grains, blobs, ids, time, loggers.CreateLogger<LocationDeletion>());
        Collector = new(database.Collection, grains, blobs, deletion, ids, time);
        Planner = new(Plans, grains, ids, time, new(settings.PlanValidity));
        PlanRunner = new(Plans, grains, Collector, ids, time);
        Orphans = new(database.Collection, Views, grains, blobs, deletion);
        var jobs = new List<IBackgroundJob>
        {
            new BeatJob(Nodes, _nodeName), new SweepStagesJob(Nodes, blobs), new CondemnAbandonedJob(Nodes, Maintenance),
            new SweepRetentionJob(new(grains, Views, ids, time), settings.RetentionSweepInterval),
        };
        if (settings.CollectionInterval > TimeSpan.Zero) jobs.Add(new CollectJob(Collector, settings.CollectionInterval));
        if (settings.OrphanScanInterval > TimeSpan.Zero)
            jobs.Add(new ScanOrphansJob(Orphans, blobs, settings.OrphanScanInterval, time, loggers.CreateLogger<ScanOrphansJob>()));
        if (settings.RecountInterval > TimeSpan.Zero)
            jobs.Add(new RecountJob(Maintenance, settings.RecountInterval, time, loggers.CreateLogger<RecountJob>()));
        if (settings.ScrubPeriod > TimeSpan.Zero) jobs.Add(new ScrubJob(Views, blobs, Verifier, Scrub, settings.ScrubPeriod, time));
        _background = new(Nodes, jobs, time, TaskScheduler.Default, loggers.CreateLogger<BackgroundWork>());
    }

    public IJournal Journal => _database.Journal;

    public IViews Views => _database.Views;

    public IPlanViews Plans => _database.Plans;
    public ICollectionViews Collection => _database.Collection;

    public IKeepingViews Keeping => _database.Keeping;

    public INodes Nodes => _database.Nodes;

    public IMaintenance Maintenance => _database.Maintenance;

    public IBlobStores Blobs { get; }

    public IGrains Grains => _grains;

    /// <summary>Reads locations again, for the scrub and for the verb when no server runs.</summary>
    public LocationVerifier Verifier { get; }

    /// <summary>Moves contents to another backend, for the route, and for the verb when no server runs.</summary>
    public LocationMover Mover { get; }

    /// <summary>Deletes what nothing keeps, for the background job, the route, and the verb when no server runs.</summary>
    public Collector Collector { get; }

    /// <summary>Says beforehand what would be deleted, for the route and the verb.</summary>
    public Planner Planner { get; }

    /// <summary>Deletes what a plan lists, for the route and the verb.</summary>
    public PlanRunner PlanRunner { get; }
    /// <summary>Finds what no row knows, for the background job, the route, and the verb when no server runs.</summary>
    public OrphanScan Orphans { get; }

    public ScrubProgress Scrub { get; } = new();

    public TimeProvider Time { get; }

    public IIds Ids { get; }

    /// <exception cref="SettingsException">A setting asks for what this build has not.</exception>
    /// <exception cref="BlobStoreException">A backend root cannot be used, or belongs to another store.</exception>
    public static async Task<StoreComposition> Open(
        StoreSettings settings, ILoggerFactory loggers, TimeProvider? time = null, IIds? ids = null, bool migrate = true)
    {
        time ??= SystemClock.Instance;
        ids ??= new SystemIds();
        var database = await OpenDatabase(settings, migrate, time, ids);
        try
        {
            var blobs = BackendsOf(settings, database.Nodes.Self, time);
            var status = await database.Views.Status();
            var identity = new BackendIdentity(status.StoreId, status.Incarnation);
            foreach (var backend in blobs.All) await BackendClaim.Run(backend, identity, database.Views);
            var grains = GrainsOf(database, loggers.CreateLogger<EmbeddedGrains>(), time, ids);
            return new StoreComposition(database, blobs, grains, settings, loggers, time, ids);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The configured database as the place of a log that comes from elsewhere, and the backends for its bytes.</summary>
    /// <exception cref="SettingsException">A setting asks for what this build has not.</exception>
    public static RestoreTarget OpenForRestore(StoreSettings settings, TimeProvider? time = null, IIds? ids = null) => new(
        import => OpenImport(settings, import, time ?? SystemClock.Instance),
        BackendsOf(settings, new((ids ?? new SystemIds()).Next()), time ?? SystemClock.Instance),
        ids ?? new SystemIds());

    /// <summary>
    /// To be awaited before the first request: from here on the other nodes know this one, so that nobody sweeps what it stages. Then begins
    /// the background work.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public async Task Start()
    {
        await Nodes.Beat(_nodeName);
        foreach (var (slug, seconds) in _lifetimes) await Define(slug, seconds);
        _background.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _background.DisposeAsync();
        await _grains.DisposeAsync();
        await _database.DisposeAsync();
        foreach (var backend in Blobs.All.OfType<IDisposable>()) backend.Dispose();
    }

    /// <summary>The file is obeyed by an event, so that every node has the same lifetimes and the log says since when. A repeat changes nothing.</summary>
    private async Task Define(string slug, long? seconds)
    {
        var known = await Views.RetentionClass(TenantId.Default, slug) ?? throw new InvalidDataException($"the store has no retention class '{slug}'");
        if (known.DefaultDurationSeconds == seconds) return;
        var command = new DefineRetentionClass(
            new(Ids.Next()), TenantId.Default, "configuration", Time.GetUtcNow(), slug, seconds, known.Description);
        var defined = await Grains.Call<IRetentionClassGrain, Outcome<RetentionClassView>>(
            $"{TenantId.Default}/{slug}", grain => grain.Define(command));
        if (!defined.Succeeded) throw new JournalUnavailableException($"the lifetime of '{slug}' could not be set: {defined.Error.Detail}");
    }

    private static async Task<IStoreDatabase> OpenDatabase(StoreSettings settings, bool migrate, TimeProvider time, IIds ids) =>
        settings.Database switch
        {
            DatabaseSettings.Sqlite sqlite => await SqliteStore.Open(new SqliteOptions { Path = sqlite.Path, Migrate = migrate }, time, ids),
            DatabaseSettings.Postgres postgres => await OpenPostgres(postgres, NodeNameOf(settings), migrate, time, ids),
            _ => throw new InvalidOperationException($"nothing opens {settings.Database}"),
        };

    // A method of its own, so that a store on SQLite never loads the driver.
    private static async Task<IStoreDatabase> OpenPostgres(
        DatabaseSettings.Postgres settings, string node, bool migrate, TimeProvider time, IIds ids) =>
        await PostgresStore.Open(new PostgresOptions { Url = settings.Url, NodeName = node, Migrate = migrate }, time, ids);

    private static async Task<ILogImport> OpenImport(StoreSettings settings, ImportTarget import, TimeProvider time) => settings.Database switch
    {
        DatabaseSettings.Sqlite sqlite => SqliteImport.Open(new SqliteOptions { Path = sqlite.Path }, import, time),
        DatabaseSettings.Postgres postgres => await ImportIntoPostgres(postgres, import, time),
        _ => throw new InvalidOperationException($"nothing opens {settings.Database}"),
    };

    private static async Task<ILogImport> ImportIntoPostgres(DatabaseSettings.Postgres settings, ImportTarget import, TimeProvider time) =>
        await PostgresImport.Open(new PostgresOptions { Url = settings.Url }, import, time);

    private static BlobStores BackendsOf(StoreSettings settings, NodeId node, TimeProvider time)
    {
        var stores = new List<IBlobStore>();
        var shared = settings.Database is not DatabaseSettings.Sqlite;
        foreach (var id in settings.Backends)
        {
            if (id == StoreSettings.S3Backend) AddS3(stores, settings.S3!, node, time);
            else stores.Add(new LocalBlobStore(id, Path.GetFullPath(settings.LocalRoot), node) { IsShared = shared });
        }
        return new BlobStores(stores, settings.DefaultBackend, settings.Routes);
    }

    /// <summary>A method of its own, never inlined: a store without such a backend loads no assembly of the S3 client.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddS3(List<IBlobStore> stores, S3Options options, NodeId node, TimeProvider time) =>
        stores.Add(new S3BlobStore(StoreSettings.S3Backend, options, node, time));

    /// <summary>For people only: nodes are told apart by their ids.</summary>
    private static string NodeNameOf(StoreSettings settings) => settings.NodeName ?? $"{Environment.MachineName}:{settings.Listen[0].Port}";

    private static EmbeddedGrains GrainsOf(IStoreDatabase database, ILogger logger, TimeProvider time, IIds ids)
    {
        var journal = database.Journal;
        var views = database.Views;
        var plans = database.Plans;
        var factories = new GrainFactories()
            .Add<IPackageGrain>(context => new PackageGrain(journal, views, context.Grains))
            .Add<IContentGrain>(_ => new ContentGrain(journal, views, time, ids))
            .Add<IRetentionClassGrain>(_ => new RetentionClassGrain(journal, views))
            .Add<IHoldGrain>(_ => new HoldGrain(journal, views))
            .Add<IPlanGrain>(_ => new PlanGrain(journal, plans))
            .Add<IMetadataSchemaGrain>(_ => new MetadataSchemaGrain(journal, views));
        var options = new EmbeddedGrainsOptions { Unhandled = (key, exception) => LogDeactivationFailed(logger, key, exception) };
        return new EmbeddedGrains(factories, TaskScheduler.Default, time, options);
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "The grain {Key} failed while it was being dropped")]
    private static partial void LogDeactivationFailed(ILogger logger, string key, Exception exception);
}
