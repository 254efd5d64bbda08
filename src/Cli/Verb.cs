using System.CommandLine;
using ArtifactStore.Client;

namespace ArtifactStore.Cli;

/// <summary>Runs a verb. Invariant: however it ends, the user gets one sentence and a documented exit code, never a stack trace.</summary>
public static class Verb
{
    /// <summary>Sets what a command does, with the failures of all verbs in one place.</summary>
    public static void SetVerb(this Command command, CliHost host, CommonOptions common, Func<Session, CancellationToken, Task<int>> run) =>
        command.SetAction((parsed, cancellation) => Run(parsed, host, common, run, cancellation));

    private static async Task<int> Run(
        ParseResult parsed, CliHost host, CommonOptions common, Func<Session, CancellationToken, Task<int>> run, CancellationToken cancellation)
    {
        try
        {
            using var session = new Session(parsed, host, common);
            return await run(session, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Fail(host, "interrupted", ExitCode.Interrupted);
        }
        catch (Exception failure) when (Sentence.For(failure) is { } known)
        {
            return Fail(host, known.Text, known.ExitCode);
        }
        catch (Exception bug)
        {
            if (host.Variable("ARTIFACTSTORE_LOG_LEVEL") is "DEBUG") host.Error.WriteLine(bug);
            return Fail(host, $"unexpected: {Sentence.Printable(bug.Message)} (set ARTIFACTSTORE_LOG_LEVEL=DEBUG for the details)", ExitCode.Failed);
        }
    }

    private static int Fail(CliHost host, string sentence, int exitCode)
    {
        host.Error.WriteLine($"error: {sentence}");
        return exitCode;
    }
}
