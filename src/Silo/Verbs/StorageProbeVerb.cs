using System.CommandLine;
using ArtifactStore.Cli;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Storage.Blobs.S3;
using ArtifactStore.Storage.Blobs.S3.Probe;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Asks the endpoint of an <c>s3</c> backend what it can do. It opens no database, so it runs before the first start and beside a server.</summary>
internal static class StorageProbeVerb
{
    public static Command Command(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var backend = new Option<string>("--backend")
        {
            Description = "The backend, as ARTIFACTSTORE_STORAGE_BACKENDS names it",
            HelpName = "id",
            Required = true,
        };
        var command = new Command("probe", "Try every behaviour of the protocol that the store relies on, below a throw-away prefix") { backend };
        command.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(() =>
        {
            var id = session.Parsed.GetRequiredValue(backend);
            return Run(session, id, OptionsOf(id, settings()), cancellation);
        }));
        return command;
    }

    private static S3Options OptionsOf(string id, StoreSettings settings)
    {
        if (id == StoreSettings.S3Backend.ToString() && settings.S3 is { } options) return options;
        var configured = settings.Backends.Any(backend => backend.ToString() == id);
        throw new CliFailureException(
            ExitCode.Usage,
            configured
                ? $"the backend '{Sentence.Printable(id)}' is no S3 endpoint, so there is nothing to probe"
                : $"there is no backend '{Sentence.Printable(id)}'; ARTIFACTSTORE_STORAGE_BACKENDS names {string.Join(" and ", settings.Backends)}");
    }

    private static async Task<int> Run(Session session, string backend, S3Options options, CancellationToken cancellation)
    {
        var endpoint = options.Endpoint?.GetLeftPart(UriPartial.Authority) ?? $"AWS in {options.Region}";
        var place = options.KeyPrefix.Length == 0 ? options.Bucket : $"{options.Bucket}/{options.KeyPrefix}";
        session.Say($"compatibility profile {S3Probe.Version}: backend {backend}, {endpoint}, {place}");
        using var probe = new S3Probe(options, session.Host.Clock);
        var lines = new List<S3ProbeLine>();
        await foreach (var line in probe.Run(cancellation))
        {
            lines.Add(line);
            session.Say($"{Word(line.Result),-8} {line.Name,-20} {Sentence.Printable(line.Follows)}");
        }
        var ok = lines.TrueForAll(line => line.Result != S3ProbeResult.Fail);
        session.Say(string.Join(", ", Enum.GetValues<S3ProbeResult>().Select(result => $"{lines.Count(line => line.Result == result)} {Word(result)}")));
        session.Document(
            new ProbeAnswer(
                S3Probe.Version, backend, endpoint, options.Bucket, options.KeyPrefix, ok,
                [.. lines.Select(line => new ProbeAnswerLine(line.Name, Word(line.Result), line.Follows))]),
            SiloJson.Default.ProbeAnswer);
        return ok ? ExitCode.Ok : ExitCode.Failed;
    }

    private static string Word(S3ProbeResult result) => result switch
    {
        S3ProbeResult.Pass => "pass",
        S3ProbeResult.Fail => "fail",
        S3ProbeResult.Ignored => "ignored",
        _ => "skipped",
    };
}
