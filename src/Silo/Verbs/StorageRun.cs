using System.Globalization;
using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>
/// One run over a backend, page by page: by the server when one runs, because it owns the database; else here. However it ends, it says how
/// to continue.
/// </summary>
/// <param name="again">The command, without where it continues.</param>
internal abstract class StorageRun<TPage>(Session session, Func<StoreSettings> settings, string again) : IAsyncDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    private StoreComposition? _here;

    protected Session Session => session;

    public async Task<int> Run(string? after, CancellationToken cancellation)
    {
        var next = after;
        var more = true;
        var began = session.Host.Clock.GetTimestamp();
        var told = began;
        try
        {
            while (more)
            {
                cancellation.ThrowIfCancellationRequested();
                next = Count(await Page(next, cancellation));
                more = next is not null;
                if (session.Host.Clock.GetElapsedTime(told) < ProgressInterval || next is null) continue;
                told = session.Host.Clock.GetTimestamp();
                var seconds = Math.Max(1, session.Host.Clock.GetElapsedTime(began).TotalSeconds);
                session.Host.Error.WriteLine($"{Progress(seconds)}; to continue from here: --after {Quoted(next)}");
            }
        }
        catch (Exception) when (next is not null)
        {
            Tell(next);
            session.Host.Error.WriteLine($"to continue: {again} --after {Quoted(next)}");
            throw;
        }
        Tell(next);
        return IsGood ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_here is not null) await _here.DisposeAsync();
    }

    protected abstract bool IsGood { get; }

    /// <param name="store">The server.</param>
    /// <param name="after">Where the page begins; null: at the beginning.</param>
    /// <param name="cancellation">Stops it.</param>
    protected abstract Task<TPage> OnServer(ArtifactStoreClient store, string? after, CancellationToken cancellation);

    protected abstract Task<TPage> Here(StoreComposition store, string? after, CancellationToken cancellation);

    /// <summary>Adds the page to what is told, and answers where the next one begins; null: it was the last.</summary>
    protected abstract string? Count(TPage page);

    protected abstract string Progress(double seconds);

    /// <param name="next">Where to continue; null: it came to the end.</param>
    protected abstract void Tell(string? next);

    /// <summary>The key of a location as the place where a page begins.</summary>
    protected static long KeyOf(string? after) => after is null ? 0 : long.Parse(after, CultureInfo.InvariantCulture);

    protected static long? NextKey(string? next) => next is null ? null : KeyOf(next);

    protected static string? PlaceOf(long? next) => next?.ToString(CultureInfo.InvariantCulture);

    protected void Tell(VerificationFault fault)
    {
        var outcome = fault.Repaired ? "repaired" : fault.Failed ? "marked failed" : "not marked: it could not be read";
        session.Host.Error.WriteLine(
            $"{fault.ContentAddress} at {Sentence.Printable(fault.PhysicalKey)}: {Sentence.Printable(fault.Reason)}; {outcome}");
    }

    protected static VerificationFault OnWire(Gateway.Shared.VerificationFault fault) => new(
        fault.ContentAddress, fault.Generation, fault.PhysicalKey, fault.Reason, fault.Failed, fault.Repaired);

    /// <summary>A name that a stranger gave to an object must not become a command of a shell.</summary>
    private static string Quoted(string next) =>
        next.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? next : $"'{next.Replace("'", "'\\''")}'";

    private Task<TPage> Page(string? after, CancellationToken cancellation) => _here is not null
        ? Here(_here, after, cancellation)
        : session.ServerOrDatabase(
            store => OnServer(store, after, cancellation),
            async () =>
            {
                _here = await Open();
                return await Here(_here, after, cancellation);
            });

    private async Task<StoreComposition> Open()
    {
        // Opening would create a store, and there is nothing to work on in a new one.
        if (settings().Database is DatabaseSettings.Sqlite { Path: var path } && !File.Exists(path))
            throw new CliFailureException(ExitCode.Failed, $"no server answers, and there is no database {Path.GetFullPath(path)}");
        var store = await StoreComposition.Open(settings().WithoutPasses(), NullLoggerFactory.Instance, migrate: false);
        // A copy is staged: nobody may take this process for a dead node.
        await store.Start();
        return store;
    }
}
