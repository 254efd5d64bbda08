using System.IO.Pipelines;
using ArtifactStore.Gateway;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Library;

/// <summary>
/// The store inside another program, without HTTP: the same grains, journal and services that the doors stand on. It owns its database as a
/// server would, so a server on the same database refuses to start meanwhile. Refusals come back as values, never as exceptions.
/// </summary>
public sealed class EmbeddedStore : IAsyncDisposable
{
    private readonly StoreComposition _store;
    private readonly ServiceProvider _services;

    private EmbeddedStore(StoreComposition store, ServiceProvider services)
    {
        _store = store;
        _services = services;
    }

    /// <summary>Settings as <c>ARTIFACTSTORE_*</c> variables, so that a program and a server read one configuration.</summary>
    public static async Task<EmbeddedStore> Open(IReadOnlyDictionary<string, string> variables, ILoggerFactory? loggers = null)
    {
        loggers ??= NullLoggerFactory.Instance;
        var store = await StoreComposition.Open(SettingsReader.Read(variables), loggers);
        try
        {
            await store.Start();
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
        var services = new ServiceCollection()
            .AddSingleton(loggers)
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddStore(store)
            .AddArtifactStoreServices()
            .BuildServiceProvider();
        return new(store, services);
    }

    public Task<Outcome<PackageView>> CreatePackage(string actor, NewPackage package, CancellationToken cancellation = default) =>
        Get<PackageCreation>().Create(As(actor), package, cancellation);

    /// <summary>Reads the bytes to their end. With expected digests, other bytes are refused and nothing is kept.</summary>
    public async Task<Outcome<FileView>> IngestFile(
        string actor,
        PackageId package,
        RelativePath path,
        MediaType mediaType,
        Stream bytes,
        ExpectedDigests? expected = null,
        CancellationToken cancellation = default)
    {
        var files = Get<FileIngest>();
        var file = new NewFile(As(actor), package, path, mediaType);
        long? size = bytes.CanSeek ? bytes.Length - bytes.Position : null;
        var welcome = await files.Expect(file, size, cancellation);
        if (!welcome.Succeeded) return welcome.Error;
        return await files.Ingest(file, welcome.Value, bytes, size, expected ?? ExpectedDigests.None, cancellation);
    }

    public Task<Outcome<PackageView>> FinalizePackage(string actor, PackageId package, CancellationToken cancellation = default) =>
        Get<PackageFinalizer>().Finalize(As(actor), package, cancellation);

    /// <summary>The manifest in canonical CBOR; its BLAKE3 is the package's digest. The caller disposes the stream.</summary>
    public async Task<Outcome<Stream>> OpenManifest(PackageId package, CancellationToken cancellation = default)
    {
        var manifest = await Get<PackageManifests>().Find(Scope, package, cancellation);
        if (!manifest.Succeeded) return manifest.Error;
        return await Get<ContentReader>().Open(Scope, manifest.Value, 0, manifest.Value.Digests.Size, cancellation);
    }

    /// <summary>Writes the manifest as canonical JSON (RFC 8785), however many files it lists. Null when it is written.</summary>
    public async Task<Error?> WriteManifestJson(PackageId package, Stream output, CancellationToken cancellation = default)
    {
        var manifests = Get<PackageManifests>();
        var manifest = await manifests.Find(Scope, package, cancellation);
        if (!manifest.Succeeded) return manifest.Error;
        var writer = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        var error = await manifests.Project(Scope, manifest.Value, writer, cancellation);
        await writer.CompleteAsync();
        return error;
    }

    public async Task<Outcome<Stream>> OpenFile(FileId id, CancellationToken cancellation = default)
    {
        var file = await _store.Views.File(TenantId.Default, id, cancellation);
        if (file is null) return ErrorCatalogue.FileUnknown.With($"there is no file {id}");
        var reader = Get<ContentReader>();
        var content = await reader.Find(Scope, ContentAddress.Blake3(file.Content.Blake3), cancellation);
        if (!content.Succeeded) return content.Error;
        return await reader.Open(Scope, content.Value, 0, content.Value.Digests.Size, cancellation);
    }

    /// <summary>Events after a sequence, in order and without holes; waits for the next one when there is none yet.</summary>
    public async IAsyncEnumerable<EventRecord> TailEvents(
        long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        const int page = 1000;
        while (true)
        {
            var events = await _store.Views.Events(after, page, [], cancellation);
            foreach (var line in events)
            {
                yield return line;
                after = line.Sequence;
            }
            if (events.Count == 0) await _store.Journal.WaitForEvents(after, EventFeed.MaxWait, cancellation);
        }
    }

    public Task<ReplayReport> Replay(IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        _store.Maintenance.Replay(progress, cancellation);

    public Task<HealthReport> Health(CancellationToken cancellation = default) => Get<StoreHealth>().Report(cancellation);

    /// <summary>The views, for every other question.</summary>
    public IViews Views => _store.Views;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static ReadScope Scope => new(TenantId.Default);

    private static Principal As(string actor) => new(TenantId.Default, actor, Anonymous: false);

    private T Get<T>() where T : notnull => _services.GetRequiredService<T>();
}
