using System.CommandLine;

namespace ArtifactStore.Cli.Verbs;

internal static class VersionVerb
{
    public static Command Command(CliHost host, CommonOptions common)
    {
        var command = new Command("version", "Print the version of this program");
        command.SetVerb(host, common, (session, _) =>
        {
            session.Say(host.Version);
            session.Document(new VersionDocument(host.Version), CliJson.Default.VersionDocument);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
