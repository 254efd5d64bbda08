using System.Diagnostics;

namespace ArtifactStore.Conformance.Servers;

/// <summary>
/// A server that must not outlive this process. A shell stands between: when its input closes, because somebody asked or because this
/// process ended, however it ended, it sends the server its last signal.
/// </summary>
internal sealed class KeptProcess : IAsyncDisposable
{
    private readonly Process _keeper;

    private KeptProcess(Process keeper) => _keeper = keeper;

    public bool HasExited => _keeper.HasExited;

    /// <param name="log">Takes what the server prints.</param>
    /// <param name="command">The server: a program and its arguments.</param>
    /// <param name="last">The signal that ends it.</param>
    public static KeptProcess Start(string log, IEnumerable<string> command, string last = "KILL")
    {
        // The server's own end ends the shell too, so that a start that fails is seen at once.
        const string script = """
            log=$0 last=$1; shift; "$@" </dev/null >>"$log" 2>&1 & p=$!
            trap '' INT TERM
            ( wait_for=$$; while kill -0 $p 2>/dev/null; do sleep 0.2; done; kill -KILL $wait_for ) >/dev/null 2>&1 </dev/null &
            w=$!
            read -r _; kill -KILL $w 2>/dev/null; kill -$last $p 2>/dev/null; wait $p 2>/dev/null
            """;
        var start = new ProcessStartInfo("bash", ["-c", script, log, last, .. command])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        return new KeptProcess(Process.Start(start) ?? throw new InvalidOperationException("the shell did not start"));
    }

    /// <summary>Ends the server; returns when it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
    }
}
