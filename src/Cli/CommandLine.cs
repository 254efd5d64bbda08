using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ArtifactStore.Cli.Verbs;

namespace ArtifactStore.Cli;

/// <summary>The whole command line: the verbs of this room, and those that the executable adds.</summary>
public static class CommandLine
{
    /// <summary>Fixed, so that the help is the same text everywhere and docs/cli.md can quote it.</summary>
    private const int HelpWidth = 100;
    private const string ExecutableName = "artifactstore";

    public static RootCommand Build(CliHost host, IAdministrativeVerbs administrative)
    {
        var common = new CommonOptions();
        var root = new RootCommand("Artifact Store: keeps what must be provable later.");
        root.Options.Remove(root.Options.First(option => option is VersionOption));
        common.AddTo(root);
        foreach (var command in administrative.Commands(host, common)) root.Subcommands.Add(command);
        root.Subcommands.Add(VersionVerb.Command(host, common));
        root.Subcommands.Add(HealthVerb.Command(host, common, administrative));
        root.Subcommands.Add(PushVerb.Command(host, common));
        root.Subcommands.Add(PullVerb.Command(host, common));
        root.Subcommands.Add(ManifestVerb.Command(host, common));
        root.Subcommands.Add(ListVerb.Command(host, common));
        root.Subcommands.Add(DeleteVerb.Command(host, common));
        root.Subcommands.Add(ExplainVerb.Command(host, common));
        root.Subcommands.Add(EventsVerb.Command(host, common));
        root.Subcommands.Add(BackupVerb.Command(host, common, administrative));
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is HelpAction help) help.MaxWidth = HelpWidth;
        }
        return root;
    }

    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, CliHost host, IAdministrativeVerbs administrative, CancellationToken cancellation = default)
    {
        var root = Build(host, administrative);
        // No response files: an argument that begins with '@' is that argument.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors) await host.Error.WriteLineAsync($"error: {Sentence.Printable(error.Message)}");
            var verbs = new Stack<string>();
            for (var at = parsed.CommandResult; at.Command != root; at = (CommandResult)at.Parent!) verbs.Push(at.Command.Name);
            await host.Error.WriteLineAsync($"try: {string.Join(' ', [ExecutableName, .. verbs, "--help"])}");
            return ExitCode.Usage;
        }
        var invocation = new InvocationConfiguration
        {
            Output = host.Out,
            Error = host.Error,
            EnableDefaultExceptionHandler = false,
            // On Ctrl-C verbs stop by themselves and say how to continue; this bounds how long they may take.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(15),
        };
        return await parsed.InvokeAsync(invocation, cancellation);
    }
}
