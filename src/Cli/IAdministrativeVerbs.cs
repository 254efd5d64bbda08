using System.CommandLine;
using ArtifactStore.Cli.Backups;

namespace ArtifactStore.Cli;

/// <summary>
/// What the executable adds to the command line because it holds the store itself: <c>serve</c>, <c>migrate</c>, <c>replay</c>,
/// <c>restore</c>, <c>storage</c>. This room
/// knows only HTTP. One process owns a SQLite store, so while a server runs it is asked; only when none answers is the configured database
/// opened here (see <see cref="Session.ServerOrDatabase{T}"/>).
/// </summary>
public interface IAdministrativeVerbs
{
    /// <summary>
    /// Complete commands; actions are set with <see cref="Verb.SetVerb"/>, so that failures read and exit like all others.
    /// </summary>
    IEnumerable<Command> Commands(CliHost host, CommonOptions common);

    /// <summary>The document that <c>GET /health</c> would answer, from the configured database; null when this build has none.</summary>
    Task<System.Text.Json.JsonElement?> HealthWithoutServer(CancellationToken cancellation);

    /// <summary>The configured database and its backends, for a backup while no server runs; null when this build has none.</summary>
    Task<IBackupSource?> BackupWithoutServer(CancellationToken cancellation);
}

/// <summary>A command line without a store behind it.</summary>
public sealed class NoAdministrativeVerbs : IAdministrativeVerbs
{
    public IEnumerable<Command> Commands(CliHost host, CommonOptions common) => [];

    public Task<System.Text.Json.JsonElement?> HealthWithoutServer(CancellationToken cancellation) =>
        Task.FromResult<System.Text.Json.JsonElement?>(null);

    public Task<IBackupSource?> BackupWithoutServer(CancellationToken cancellation) => Task.FromResult<IBackupSource?>(null);
}
