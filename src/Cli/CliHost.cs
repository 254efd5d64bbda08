namespace ArtifactStore.Cli;

/// <summary>Everything that a verb takes from the process around it, so that a test can be that process.</summary>
public sealed record CliHost(TextWriter Out, TextWriter Error, Func<string, string?> Variable, TimeProvider Clock, Random Random)
{
    /// <summary>Results go to <see cref="Out"/>; progress and warnings go to <see cref="Error"/>, as a bar when it is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    public string Version { get; init; } = "0.0.0";

    /// <summary>
    /// Where this user's resume files and hash caches are: the XDG state directory. Null when the user has no home; then nothing is kept.
    /// </summary>
    public string? StateDirectory()
    {
        var state = Variable("XDG_STATE_HOME");
        // The XDG specification: a relative path is to be ignored.
        if (!string.IsNullOrEmpty(state) && Path.IsPathRooted(state)) return Path.Combine(state, "artifactstore");
        var home = Variable("HOME");
        return string.IsNullOrEmpty(home) ? null : Path.Combine(home, ".local", "state", "artifactstore");
    }
}
