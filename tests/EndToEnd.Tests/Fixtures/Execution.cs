using System.Diagnostics;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

internal sealed record Finished(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Errors}";
}

/// <summary>Runs a program to its end and returns what it said.</summary>
internal static class Execution
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static async Task<Finished> Run(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? variables = null, string? directory = null,
        TimeSpan? atMost = null)
    {
        var start = Prepare(program, arguments, variables, directory);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(atMost ?? Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end: {await output}{await errors}", e);
        }
        return new(process.ExitCode, await output, await errors);
    }

    public static async Task<Finished> Shell(string script) => await Run("/bin/bash", ["-euo", "pipefail", "-c", script]);

    public static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? variables, string? directory)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = directory ?? System.IO.Path.GetTempPath(),
        };
        // A setting of the developer's shell must not reach the store under test.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ARTIFACTSTORE_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in variables ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        return start;
    }
}
