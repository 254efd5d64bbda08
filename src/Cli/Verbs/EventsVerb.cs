using System.CommandLine;
using ArtifactStore.Client;

namespace ArtifactStore.Cli.Verbs;

internal static class EventsVerb
{
    public static Command Command(CliHost host, CommonOptions common)
    {
        var after = new Option<long>("--after") { Description = "Start after this sequence [default: 0]", HelpName = "n" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait for further events until interrupted" };
        var types = new Option<string?>("--types") { Description = "Only these types, separated by commas", HelpName = "types" };
        var command = new Command("events", "Print the log, one event a line") { after, follow, types };
        after.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && long.TryParse(result.Tokens[0].Value, out var sequence) && sequence < 0)
                result.AddError("--after is a sequence: 0 or more");
        });
        command.SetVerb(host, common, async (session, cancellation) =>
        {
            var wanted = session.Parsed.GetValue(types)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var log = session.Store.EventsAsync(session.Parsed.GetValue(after), session.Parsed.GetValue(follow), wanted, cancellation);
            await foreach (var line in log.WithCancellation(cancellation))
            {
                session.Document(line, WireJson.Default.StoredEvent);
                session.Say(Sentence.Printable(
                    $"{line.Sequence,8}  {line.CreatedAt:yyyy-MM-dd HH:mm:ss.ffffff}Z  {line.EventType,-28}  " +
                    $"{line.SubjectKind} {line.SubjectId}  by {line.Actor}"));
            }
            return ExitCode.Ok;
        });
        return command;
    }
}
