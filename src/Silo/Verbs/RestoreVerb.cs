using System.CommandLine;
using ArtifactStore.Cli;
using ArtifactStore.Cli.Backups;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Works on the configured database, which must be nobody's yet; its lock tells when a server runs.</summary>
internal static class RestoreVerb
{
    public static Command Command(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var directory = new Argument<DirectoryInfo>("dir") { Description = "Directory of the backup" };
        var incarnation = new Option<int?>("--incarnation")
        {
            Description = "Which life of the log begins; needed when this backup has been restored before [default: the backup's and 1]",
            HelpName = "n",
        };
        var command = new Command("restore", "Make a store of a backup, in the configured database and backends, which must be empty")
        {
            directory, incarnation,
        };
        command.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(async () =>
        {
            var from = new BackupDirectory(session.Parsed.GetRequiredValue(directory).FullName);
            var restore = new Restore(session, from, StoreComposition.OpenForRestore(settings()), Environment.ProcessorCount * 2);
            return await restore.Run(session.Parsed.GetValue(incarnation), cancellation);
        }));
        return command;
    }
}
