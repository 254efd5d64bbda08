using System.CommandLine;
using System.Globalization;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Verbs;

/// <summary>A sentence first, then short lines: what keeps it, what would have to happen, how it went.</summary>
internal static class ExplainVerb
{
    private const int DefaultKeepers = 20;

    public static Command Command(CliHost host, CommonOptions common)
    {
        var subject = new Argument<string?>("subject")
        {
            Description = "A content address, or the id of a package or a file",
            Arity = ArgumentArity.ZeroOrOne,
        };
        subject.Validators.Add(result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : null;
            if (text is not null && !Guid.TryParseExact(text, "D", out _) && !ContentAddress.TryParse(text, out _))
                result.AddError($"'{text}' is neither a content address (blake3: or sha256: and 64 hex digits) nor the id of a package or a file");
        });
        var free = new Option<ByteSize?>("--free")
        {
            Description = "Instead: find packages whose deletion frees so much",
            HelpName = "10GB",
            CustomParser = result =>
            {
                if (ByteSize.TryParse(result.Tokens[0].Value, out var size) && size.Bytes > 0) return size;
                result.AddError($"'{result.Tokens[0].Value}' is not {ByteSize.Shape}");
                return null;
            },
        };
        var limit = new Option<int>("--limit") { Description = "At most so many references", HelpName = "n", DefaultValueFactory = _ => DefaultKeepers };
        limit.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number is < 1 or > 1000)
                result.AddError("--limit is between 1 and 1000");
        });
        var command = new Command("explain", "Say what keeps a package, a file or a content, and when it goes; or how it went") { subject, free, limit };
        command.Validators.Add(result =>
        {
            if (result.GetResult(subject) is { Tokens.Count: > 0 } == result.GetResult(free) is not null)
                result.AddError("explain takes a package, a file or an address, or else --free with a size");
        });
        command.SetVerb(host, common, async (session, cancellation) =>
        {
            if (session.Parsed.GetValue(free) is { } size)
            {
                var found = await session.Store.FindSpaceAsync(size.Bytes, cancellation);
                session.Document(found, WireJson.Default.FoundSpace);
                Tell(session, found);
                return found.Enough ? ExitCode.Ok : ExitCode.Failed;
            }
            var explained = await session.Store.ExplainAsync(session.Parsed.GetValue(subject)!, session.Parsed.GetValue(limit), null, cancellation);
            session.Document(explained, WireJson.Default.Explained);
            Tell(session, explained);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Tell(Session session, FoundSpace found)
    {
        void Say(string line) => session.Say(Sentence.Printable(line));
        if (found.Enough)
        {
            Say($"Deleting {Sentence.Count(found.PackageCount, "package")} frees {Sentence.Bytes(found.FreedBytes)}:");
            foreach (var package in found.Packages)
            {
                Say($"  {package.Id}  {Sentence.Bytes(package.TotalBytes),10}  {Until(package.ExpiresAt)}  "
                    + $"{package.Producer}  {package.Subject}  {package.Name}");
            }
            Say("Nothing was deleted. To do it: artifactstore delete <package> --reason … for each, then artifactstore retention gc.");
            return;
        }
        Say($"At most {Sentence.Bytes(found.FreedBytes)} can be freed, and {Sentence.Bytes(found.WantedBytes)} are wanted.");
        if (found.HeldPackages > 0) Say($"  holds keep {Sentence.Count(found.HeldPackages, "package")}");
        if (!found.Complete) Say($"  looked at {Sentence.Count(found.ExaminedPackages, "package")} that expire soonest; there are more");
    }

    private static void Tell(Session session, Explained explained)
    {
        void Say(string line) => session.Say(Sentence.Printable(line));
        Say(explained.Conclusion);
        if (explained.Package is { } package)
            Say($"  package     {package.Id}  {package.RetentionClass}  {package.Producer}  {package.Subject}  {package.Name}");
        if (explained.Kind != "package") Say($"  content     {explained.ContentAddress}  {Sentence.Bytes(explained.Size ?? 0)}");
        foreach (var keeper in explained.Keepers) Say($"  {(keeper.Goes ? "goes next  " : "kept by    ")} {Of(keeper)}");
        if (explained.NextCursor is not null) Say("  and by more; see --limit");
        if (explained.Steps.Count > 0 && !explained.NothingKeepsIt) Say("Before it goes:");
        if (!explained.NothingKeepsIt)
        {
            foreach (var (step, number) in explained.Steps.Select((step, i) => (step, i + 1)))
                Say($"  {number}. {step.Text}{(step.NotBefore is { } time ? $", not before {Sentence.Time(time)}" : "")}");
        }
        if (explained.Copies.Count > 0) Say("Copies:");
        foreach (var copy in explained.Copies)
        {
            var reason = copy.State is "live" || copy.Reason is null ? "" : $" ({copy.Reason})";
            var by = copy.ReleasedByPackage is { } last ? $", last used by {copy.ReleasedByPath ?? "the manifest"} of {last}" : "";
            Say($"  {copy.BackendId}, generation {copy.Generation}: {copy.State} since {Sentence.Time(copy.ChangedAt)}{reason}{by}");
        }
        if (explained.Departure is { } departure) Tell(Say, departure);
    }

    private static void Tell(Action<string> say, ExplainedDeparture departure)
    {
        say($"How package {departure.PackageId} went:");
        if (departure.EligibleSince is { } eligible)
            say($"  {Sentence.Time(eligible)}  marked: {departure.Rule}{(departure.Reason is { } why ? $", {why}" : "")}");
        if (departure.StartedAt is { } started)
            say($"  {Sentence.Time(started)}  collection began, by {(departure.Plan is { } plan ? $"plan {plan}" : departure.StartedBy)}");
        if (departure.EndedAt is { } ended) say($"  {Sentence.Time(ended)}  nothing was left");
    }

    private static string Of(ExplainedKeeper keeper) => keeper switch
    {
        { Hold: { } hold } =>
            $"hold {hold.HoldId} on {hold.Kind}{(hold.Covers.Length > 0 && hold.Kind != "package" ? " " + hold.Covers : "")}: {hold.Reason} "
            + $"({hold.Owner}{(hold.Until is { } until ? $", until {Sentence.Time(until)}" : "")})",
        { Package: { } package } =>
            $"{(keeper.RelativePath is { } path ? $"file {path}" : "the manifest")} of package {package.Id} {package.Name}"
            + (keeper.Goes ? "" : $", {Until(package.ExpiresAt)}"),
        _ => $"its retention, {Until(keeper.NotBefore)}",
    };

    private static string Until(DateTimeOffset? time) => time is { } at ? $"until {Sentence.Time(at)}" : "for ever";
}
