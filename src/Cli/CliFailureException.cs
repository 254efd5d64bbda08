namespace ArtifactStore.Cli;

/// <summary>Ends a verb with one sentence and an exit code. The sentence is for people: no type names, no stack.</summary>
public sealed class CliFailureException(int exitCode, string sentence, Exception? inner = null) : Exception(sentence, inner)
{
    public int ExitCode { get; } = exitCode;
}
