using System.CommandLine;
using System.Text.Json;
using ArtifactStore.Cli;
using ArtifactStore.Cli.Backups;
using ArtifactStore.Gateway.Native;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>
/// The verbs that need the store itself. Settings are read when a verb runs, so that <c>--help</c> works whatever they say.
/// </summary>
internal sealed class AdministrativeVerbs(Func<StoreSettings> settings) : IAdministrativeVerbs
{
    public IEnumerable<Command> Commands(CliHost host, CommonOptions common)
    {
        var serve = new Command("serve", "Run the store: open the database, listen, answer until told to stop");
        serve.SetVerb(host, common, (_, cancellation) => StoreErrors.Told(() => ServeVerb.Run(host, settings(), cancellation)));
        yield return serve;

        var migrate = new Command("migrate", "Bring the configured database to this version's schema; doing it twice is doing it once");
        migrate.SetVerb(host, common, (session, _) => StoreErrors.Told(() => MigrateVerb.Run(session, settings())));
        yield return migrate;

        var replay = new Command("replay", "Check the log and build every view anew from it; says whether they were what the log says");
        replay.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(() => ReplayVerb.Run(session, settings, cancellation)));
        yield return replay;

        var after = new Option<string?>("--after") { Description = StorageVerb.AfterText, HelpName = "key" };
        var recount = new Command("recount", "Compare every number that the store shows with its rows; a difference is an error, and nothing is changed")
        {
            after,
        };
        recount.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(async () =>
        {
            await using var run = new RecountRun(session, settings);
            return await run.Run(session.Parsed.GetValue(after), cancellation);
        }));
        yield return recount;

        yield return RetentionVerb.Command(host, common, settings);

        yield return RestoreVerb.Command(host, common, settings);

        yield return StorageVerb.Command(host, common, settings);
    }

    public async Task<IBackupSource?> BackupWithoutServer(CancellationToken cancellation) => await DatabaseSource.Open(settings());

    public async Task<JsonElement?> HealthWithoutServer(CancellationToken cancellation)
    {
        await using var store = await StoreComposition.Open(settings(), NullLoggerFactory.Instance, migrate: false);
        var report = await new StoreHealth(store.Views, store.Blobs, store.Nodes, NullLogger<StoreHealth>.Instance).Report(cancellation);
        return JsonSerializer.SerializeToElement(report, NativeJson.Default.HealthReport);
    }
}
