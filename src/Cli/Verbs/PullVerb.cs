using System.CommandLine;
using ArtifactStore.Cli.Pulling;

namespace ArtifactStore.Cli.Verbs;

internal static class PullVerb
{
    public static Command Command(CliHost host, CommonOptions common)
    {
        var package = Arguments.Package();
        var directory = new Argument<DirectoryInfo>("dir") { Description = "Directory to write into; made if it is not there" };
        var digest = Arguments.ManifestDigest();
        var jobs = Arguments.Jobs("Downloads");
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace files that have other content" };
        var command = new Command("pull", "Write the files of a finalized package into a directory, every byte verified")
        {
            package, directory, digest, jobs, overwrite,
        };
        command.SetVerb(host, common, (session, cancellation) =>
        {
            var parsed = session.Parsed;
            var request = new PullRequest(parsed.GetRequiredValue(package), parsed.GetRequiredValue(directory).FullName)
            {
                Digest = parsed.GetValue(digest),
                Jobs = Arguments.JobsOf(parsed, jobs),
                Overwrite = parsed.GetValue(overwrite),
            };
            return new Pull(session, request).Run(cancellation);
        });
        return command;
    }
}
