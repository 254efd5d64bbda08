using System.CommandLine;
using ArtifactStore.Client;

namespace ArtifactStore.Cli.Verbs;

internal static class DeleteVerb
{
    public static Command Command(CliHost host, CommonOptions common)
    {
        var package = Arguments.Package();
        var reason = new Option<string>("--reason") { Description = "Why, for the record", HelpName = "text", Required = true };
        var command = new Command("delete", "Let a package go before its time: the next collection deletes it") { package, reason };
        command.SetVerb(host, common, async (session, cancellation) =>
        {
            var retention = await session.Store.DeletePackageAsync(
                session.Parsed.GetRequiredValue(package), session.Parsed.GetRequiredValue(reason), cancellation);
            session.Document(retention, WireJson.Default.Retention);
            session.Say($"package {retention.PackageId} goes with the next collection; until then a hold or an extension keeps it");
            return ExitCode.Ok;
        });
        return command;
    }
}
