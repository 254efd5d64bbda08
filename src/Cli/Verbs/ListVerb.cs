using System.CommandLine;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Verbs;

internal static class ListVerb
{
    public static Command Command(CliHost host, CommonOptions common)
    {
        var package = Arguments.Package();
        package.Description = "List the files of this package instead of packages";
        package.Arity = ArgumentArity.ZeroOrOne;
        var producer = new Option<string?>("--producer") { Description = "Only packages of this producer", HelpName = "text" };
        var subject = new Option<string?>("--subject") { Description = "Only packages about this subject", HelpName = "text" };
        var retentionClass = new Option<string?>("--retention-class") { Description = "Only packages of this class", HelpName = "class" };
        var status = new Option<string?>("--status") { Description = "Only packages in this state", HelpName = "status" };
        status.AcceptOnlyFromAmong("created", "finalized", "collecting", "garbage_collected");
        var limit = new Option<int>("--limit") { Description = "At most this many lines", HelpName = "n", DefaultValueFactory = _ => 100 };
        var command = new Command("ls", "List packages, newest first, or the files of one") { package, producer, subject, retentionClass, status, limit };
        command.SetVerb(host, common, async (session, cancellation) =>
        {
            var parsed = session.Parsed;
            var most = parsed.GetValue(limit);
            if (parsed.GetResult(package) is { Tokens.Count: > 0 })
                return await Files(session, parsed.GetValue(package), parsed.GetResult(limit)?.Implicit == false ? most : int.MaxValue, cancellation);
            var query = new PackageQuery(
                parsed.GetValue(producer), parsed.GetValue(subject), parsed.GetValue(retentionClass), parsed.GetValue(status));
            return await Packages(session, query, most, cancellation);
        });
        return command;
    }

    private static async Task<int> Packages(Session session, PackageQuery query, int most, CancellationToken cancellation)
    {
        var left = most;
        await foreach (var package in session.Store.ListPackagesAsync(query, cancellation).WithCancellation(cancellation))
        {
            if (left-- == 0)
            {
                session.Host.Error.WriteLine($"there are more than {most}; see --limit");
                break;
            }
            session.Document(package, WireJson.Default.Package);
            session.Say(Sentence.Printable(
                $"{package.Id}  {Sentence.Time(package.CreatedAt)}  {package.Status,-9}  {package.RetentionClass,-16}  " +
                $"{Sentence.Count(package.FileCount, "file"),12}  {Sentence.Bytes(package.TotalBytes),10}  " +
                $"{package.Producer}  {package.Subject}  {package.Name}"));
        }
        return ExitCode.Ok;
    }

    private static async Task<int> Files(Session session, PackageId id, int most, CancellationToken cancellation)
    {
        var left = most;
        await foreach (var file in session.Store.ListFilesAsync(id, cancellation).WithCancellation(cancellation))
        {
            if (left-- == 0) break;
            session.Document(file, WireJson.Default.PackageFile);
            session.Say(Sentence.Printable($"{file.ContentAddress}  {file.Size,14:#,0}  {file.RelativePath}"));
        }
        return ExitCode.Ok;
    }
}
