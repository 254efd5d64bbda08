using System.Runtime.CompilerServices;
using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.MetadataSchemas;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Storage.Blobs;
using ArtifactStore.Storage.Blobs.Local;
using ArtifactStore.Storage.Blobs.S3;
using ArtifactStore.Storage.Journal.Sqlite;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Hosting;

/// <summary>
/// The parts of one store, wired: database, backends, grains. What <c>serve</c> puts doors on and what the library hands out are the same
/// thing. Opening it takes the lock of the database and binds every backend root to it; disposing drains and lets go.
/// </summary>
public sealed partial class StoreComposition : IAsyncDisposable
{
    private readonly SqliteStore _database;
    private readonly EmbeddedGrains _grains;

    private StoreComposition(SqliteStore database, IBlobStores blobs, EmbeddedGrains grains, TimeProvider time, IIds ids)
    {
        _database = database;
        _grains = grains;
        Blobs = blobs;
        Time = time;
        Ids = ids;
    }

    public IJournal Journal => _database.Journal;

    public IViews Views => _database.Views;

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
        var path = settings.Database switch
        {
            DatabaseSettings.Sqlite sqlite => sqlite.Path,
            _ => throw new SettingsException("ARTIFACTSTORE_DATABASE_URL names PostgreSQL, which this version does not support yet; use sqlite:///path."),
        };
        var database = await SqliteStore.Open(new SqliteOptions { Path = path, Migrate = migrate }, time, ids);
        try
        {
            var blobs = BackendsOf(settings, time);
            var status = await database.Views.Status();
            var identity = new BackendIdentity(status.StoreId, status.Incarnation);
            foreach (var backend in blobs.All) await BackendClaim.Run(backend, identity, database.Views);
            var grains = GrainsOf(database, loggers.CreateLogger<EmbeddedGrains>(), time, ids);
            return new StoreComposition(database, blobs, grains, time, ids);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>What earlier runs of the process left staged: nobody will ever finish those uploads.</summary>
    public async Task SweepStages(CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        foreach (var backend in Blobs.All) await backend.SweepStages(now, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _grains.DisposeAsync();
        await _database.DisposeAsync();
        foreach (var backend in Blobs.All.OfType<IDisposable>()) backend.Dispose();
    }

    private static BlobStores BackendsOf(StoreSettings settings, TimeProvider time)
    {
        var stores = new List<IBlobStore>();
        foreach (var id in settings.Backends)
        {
            if (id == StoreSettings.S3Backend) AddS3(stores, settings.S3!, time);
            else stores.Add(new LocalBlobStore(id, Path.GetFullPath(settings.LocalRoot)));
        }
        return new BlobStores(stores, settings.DefaultBackend, settings.Routes);
    }

    /// <summary>A method of its own, never inlined: a store without such a backend loads no assembly of the S3 client.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddS3(List<IBlobStore> stores, S3Options options, TimeProvider time) =>
        stores.Add(new S3BlobStore(StoreSettings.S3Backend, options, time));

    private static EmbeddedGrains GrainsOf(SqliteStore database, ILogger logger, TimeProvider time, IIds ids)
    {
        var journal = database.Journal;
        var views = database.Views;
        var factories = new GrainFactories()
            .Add<IPackageGrain>(context => new PackageGrain(journal, views, context.Grains))
            .Add<IContentGrain>(_ => new ContentGrain(journal, views, time, ids))
            .Add<IRetentionClassGrain>(_ => new RetentionClassGrain(journal, views, time))
            .Add<IMetadataSchemaGrain>(_ => new MetadataSchemaGrain(journal, views));
        var options = new EmbeddedGrainsOptions { Unhandled = (key, exception) => LogDeactivationFailed(logger, key, exception) };
        return new EmbeddedGrains(factories, TaskScheduler.Default, time, options);
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "The grain {Key} failed while it was being dropped")]
    private static partial void LogDeactivationFailed(ILogger logger, string key, Exception exception);
}
