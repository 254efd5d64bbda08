using System.CommandLine;

namespace ArtifactStore.Cli.Verbs;

internal static class PullVerb
{
    public static Command Command(CliHost host, CommonOptions common) => new("pull", "x");
}
