using System.Diagnostics;
using System.Text;
using ArtifactStore.Conformance;

namespace ArtifactStore.Interfaces.Tests.Canonical;

/// <summary>Runs an independent implementation once over many lines.</summary>
internal static class Oracle
{
    public static Task<string[]> JcsAsync(IEnumerable<string> lines) => RunAsync(Tool.Require("node"), "jcs.js", lines);

    /// <summary>Debian's interpreter first: that is the one python3-cbor2 installs into.</summary>
    public static Task<string[]> CborAsync(IEnumerable<string> lines)
    {
        var cbor2 = "/usr/lib/python3/dist-packages/cbor2";
        return RunAsync(Directory.Exists(cbor2) ? "/usr/bin/python3" : Tool.Require("python3-cbor2"), "cbor.py", lines);
    }

    private static async Task<string[]> RunAsync(string program, string script, IEnumerable<string> lines)
    {
        var start = new ProcessStartInfo(program, [Path.Combine(AppContext.BaseDirectory, "Canonical", "oracle", script)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["PYTHONUTF8"] = "1" },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        foreach (var line in lines)
            await process.StandardInput.WriteAsync(line + "\n");
        process.StandardInput.Close();
        var answers = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return answers;
    }
}
