using ArtifactStore.Cli;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using ArtifactStore.Silo.Library;
using ArtifactStore.Silo.Verbs;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Tests.Verification;

/// <summary>A store on SQLite and a directory, with files in it, that nobody serves; and the verbs on it, in this process.</summary>
internal sealed class StoreOfFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("artifactstore-verify-").FullName;
    private readonly Dictionary<string, string> _variables;

    public StoreOfFiles() => _variables = new()
    {
        ["ARTIFACTSTORE_DATABASE_URL"] = $"sqlite:///{_folder}/store.db",
        ["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = $"{_folder}/storage",
        // Nothing listens there.
        ["ARTIFACTSTORE_API_URL"] = "http://127.0.0.1:9",
        ["ARTIFACTSTORE_SCRUB_DAYS"] = "0",
    };

    public static byte[] Bytes(int seed, int size = 3000)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public string Root => $"{_folder}/storage";

    /// <summary>Objects in the order of their keys in the directory.</summary>
    public string[] Objects() => [.. Directory.GetFiles($"{Root}/blake3", "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public static void FlipOneByte(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        // Objects may not be written to; another file takes the name.
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>One more package with these files.</summary>
    public async Task Fill(params int[] seeds)
    {
        await using var store = await EmbeddedStore.Open(_variables);
        var package = await store.CreatePackage("tester", new NewPackage("p", "ci", "main", "raw-evidence", CanonicalDocument.EmptyMap));
        await Parallel.ForEachAsync(seeds, async (seed, cancellation) =>
        {
            Assert.Null(RelativePath.TryCreate($"f{seed}", out var path));
            var stored = await store.IngestFile(
                "tester", package.Value!.Id, path!, MediaType.OctetStream, new MemoryStream(Bytes(seed)), cancellation: cancellation);
            Assert.True(stored.Succeeded);
        });
    }

    public async Task<(string Status, long Failed)> Health()
    {
        await using var store = await EmbeddedStore.Open(_variables);
        var report = await store.Health();
        return (report.Status, report.Backends[0].FailedLocations!.Value);
    }

    public async Task<int> CountOf(string type)
    {
        await using var store = await EmbeddedStore.Open(_variables);
        return (await store.Views.Events(0, 100_000, [type])).Count;
    }

    public Task<StoreComposition> Open(TimeProvider time) => StoreComposition.Open(SettingsReader.Read(_variables), NullLoggerFactory.Instance, time);

    public async Task<(int ExitCode, string Out, string Error)> Run(string arguments, Action<string>? toldOnError = null, CancellationToken cancellation = default)
    {
        var output = new StringWriter();
        var error = new Told(toldOnError);
        var host = new CliHost(output, error, name => _variables.GetValueOrDefault(name), TimeProvider.System, new Random(1));
        var verbs = new AdministrativeVerbs(() => SettingsReader.Read(_variables));
        var code = await CommandLine.RunAsync(arguments.Split(' '), host, verbs, cancellation);
        return (code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Told(Action<string>? tell) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            tell?.Invoke(value ?? "");
        }
    }
}
