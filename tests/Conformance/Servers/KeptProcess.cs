using System.Diagnostics;

namespace ArtifactStore.Conformance.Servers;

/// <summary>
/// A server that must not outlive this process. A shell stands between: when its input closes, because somebody asked or because this
/// process ended, however it ended, it kills the server.
/// </summary>
internal sealed class KeptProcess : IAsyncDisposable
{
    private readonly Process _keeper;

    private KeptProcess(Process keeper) => _keeper = keeper;

    public bool HasExited => _keeper.HasExited;

    public static KeptProcess Start(string log, string program, params string[] arguments)
    {
        // The server's own end ends the shell too, so that a start that fails is seen at once.
        const string script = """
            log=$0; "$@" </dev/null >>"$log" 2>&1 & p=$!
            trap '' INT TERM
            ( wait_for=$$; while kill -0 $p 2>/dev/null; do sleep 0.2; done; kill -KILL $wait_for ) >/dev/null 2>&1 </dev/null &
            w=$!
            read -r _; kill -KILL $w 2>/dev/null; kill -KILL $p 2>/dev/null; wait $p 2>/dev/null
            """;
        var start = new ProcessStartInfo("bash", ["-c", script, log, program, .. arguments])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        return new KeptProcess(Process.Start(start) ?? throw new InvalidOperationException("the shell did not start"));
    }

    /// <summary>kill -9; returns when the server is gone.</summary>
    public async Task Kill()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _keeper.Dispose();
    }
}
