using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>
/// One run over a backend, page by page: by the server when one runs, because it owns the database; else here. However it ends, it says how
/// to continue.
/// </summary>
internal sealed class StorageVerification(Session session, Func<StoreSettings> settings, string backend, int jobs) : IAsyncDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    private readonly List<VerificationFault> _faults = [];
    private StoreComposition? _here;
    private long _locations;
    private long _bytes;
    private long _verified;
    private long _repaired;

    public async Task<int> Run(long after, CancellationToken cancellation)
    {
        long? next = after;
        var began = session.Host.Clock.GetTimestamp();
        var told = began;
        try
        {
            while (next is { } key)
            {
                cancellation.ThrowIfCancellationRequested();
                var page = await Page(key, cancellation);
                Count(page);
                next = page.Next;
                if (session.Host.Clock.GetElapsedTime(told) < ProgressInterval || next is null) continue;
                told = session.Host.Clock.GetTimestamp();
                var seconds = Math.Max(1, session.Host.Clock.GetElapsedTime(began).TotalSeconds);
                session.Host.Error.WriteLine(
                    $"verified {_verified} of {Sentence.Count(_locations, "object")}, {Sentence.Bytes(_bytes)}, "
                    + $"{Sentence.Bytes((long)(_bytes / seconds))}/s; to continue from here: --after {next}");
            }
        }
        catch (Exception) when (next > 0)
        {
            Tell(next);
            session.Host.Error.WriteLine($"to continue: artifactstore storage verify --backend {backend} --jobs {jobs} --after {next}");
            throw;
        }
        Tell(next);
        return _faults.Count == 0 ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_here is not null) await _here.DisposeAsync();
    }

    private Task<VerificationPage> Page(long after, CancellationToken cancellation) => _here is not null
        ? Here(after, cancellation)
        : session.ServerOrDatabase(
            store => store.VerifyAsync(backend, after, jobs, cancellation),
            async () =>
            {
                await Open();
                return await Here(after, cancellation);
            });

    private async Task Open()
    {
        // Opening would create a store, and there is nothing to verify in a new one.
        if (settings().Database is DatabaseSettings.Sqlite { Path: var path } && !File.Exists(path))
            throw new CliFailureException(ExitCode.Failed, $"no server answers, and there is no database {Path.GetFullPath(path)}");
        // The scrub would read the same objects at the same time.
        _here = await StoreComposition.Open(settings() with { ScrubPeriod = TimeSpan.Zero }, NullLoggerFactory.Instance, migrate: false);
        // A repair stages bytes: nobody may take this process for a dead node.
        await _here.Start();
    }

    private async Task<VerificationPage> Here(long after, CancellationToken cancellation)
    {
        if (_here!.Blobs.All.All(store => store.Id.Value != backend))
            throw new CliFailureException(ExitCode.NotFound, $"there is no storage backend '{backend}'");
        var page = await _here.Verifier.Page(new BackendId(backend), after, jobs, cancellation);
        return new(
            page.BackendId, page.Next, page.Locations, page.Bytes, page.Verified, page.Repaired,
            [.. page.Faults.Select(fault => new VerificationFault(
                fault.ContentAddress, fault.Generation, fault.PhysicalKey, fault.Reason, fault.Failed, fault.Repaired))]);
    }

    private void Count(VerificationPage page)
    {
        _locations += page.Locations;
        _bytes += page.Bytes;
        _verified += page.Verified;
        _repaired += page.Repaired;
        _faults.AddRange(page.Faults);
        foreach (var fault in page.Faults)
        {
            var outcome = fault.Repaired ? "repaired" : fault.Failed ? "marked failed" : "not marked: it could not be read";
            session.Host.Error.WriteLine(
                $"{fault.ContentAddress} at {Sentence.Printable(fault.PhysicalKey)}: {Sentence.Printable(fault.Reason)}; {outcome}");
        }
    }

    private void Tell(long? next)
    {
        var verdict = _faults.Count == 0 ? "nothing wrong" : $"{Sentence.Count(_faults.Count, "object")} WRONG";
        session.Say(
            $"verified {_verified} of {Sentence.Count(_locations, "object")} in {backend}, {Sentence.Bytes(_bytes)}: {verdict}, "
            + $"{_repaired} repaired");
        session.Document(
            new StorageVerifyAnswer(backend, next, _locations, _bytes, _verified, _repaired, _faults), SiloJson.Default.StorageVerifyAnswer);
    }
}
