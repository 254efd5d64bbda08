using System.CommandLine;
using System.Text;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Verbs;

internal static class ManifestVerb
{
    public static Command Command(CliHost host, CommonOptions common)
    {
        var package = Arguments.Package();
        var output = new Option<FileInfo?>("--cbor")
        {
            Description = "Write the canonical CBOR, verified against its digest, to this file instead",
            HelpName = "file",
        };
        var digest = Arguments.ManifestDigest();
        var command = new Command("manifest", "Print the manifest of a finalized package") { package, output, digest };
        command.SetVerb(host, common, async (session, cancellation) =>
        {
            var id = session.Parsed.GetRequiredValue(package);
            // Asked for in both forms: only the CBOR can be verified.
            var cbor = await session.Store.GetManifestAsync(id, session.Parsed.GetValue(digest), cancellation);
            if (session.Parsed.GetValue(output) is { } file)
            {
                await File.WriteAllBytesAsync(file.FullName, cbor, cancellation);
                return ExitCode.Ok;
            }
            var json = await session.Store.GetManifestJsonAsync(id, cancellation);
            await host.Out.WriteAsync(Encoding.UTF8.GetString(json).AsMemory(), cancellation);
            if (json.Length == 0 || json[^1] != '\n') await host.Out.WriteLineAsync();
            return ExitCode.Ok;
        });
        return command;
    }
}
