using System.CommandLine;
using ArtifactStore.Cli.Backups;
using ArtifactStore.Client;

namespace ArtifactStore.Cli.Verbs;

internal static class BackupVerb
{
    public static Command Command(CliHost host, CommonOptions common, IAdministrativeVerbs administrative)
    {
        var directory = new Argument<DirectoryInfo>("dir") { Description = "Directory of the backup; made if it is not there" };
        var verify = new Option<bool>("--verify") { Description = "Only read the backup that is there, every byte, and say what is wrong with it" };
        var jobs = Arguments.Jobs("Contents");
        var command = new Command("backup", "Copy the log and its contents into a directory, all of it verified")
        {
            directory, verify, jobs,
        };
        command.SetVerb(host, common, async (session, cancellation) =>
        {
            var parsed = session.Parsed;
            var into = new BackupDirectory(parsed.GetRequiredValue(directory).FullName);
            if (parsed.GetValue(verify)) return await new Verification(session, into, Arguments.JobsOf(parsed, jobs)).Run(cancellation);
            await using var source = await Source(session, administrative, cancellation);
            try
            {
                return await new Backup(session, source, into, Arguments.JobsOf(parsed, jobs)).Run(cancellation);
            }
            catch (Exception stopped) when (stopped is not CliFailureException)
            {
                host.Error.WriteLine("what was copied stays; run the same command again to continue");
                throw;
            }
        });
        return command;
    }

    private static Task<IBackupSource> Source(Session session, IAdministrativeVerbs administrative, CancellationToken cancellation) =>
        session.ServerOrDatabase<IBackupSource>(
            async store =>
            {
                // Any answer will do: it tells whether a server is there, and whether it lets us read.
                var server = new ServerSource(store);
                await server.Log(0, cancellation);
                return server;
            },
            async () => await administrative.BackupWithoutServer(cancellation)
                ?? throw new ArtifactStoreException(
                    StoreFailure.Unreachable, $"cannot reach {session.Url.ToString().TrimEnd('/')}: connection refused"));
}
