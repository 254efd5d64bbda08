using System.Collections.Concurrent;
using System.Globalization;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>
/// A private PostgreSQL of the Debian package with its defaults, on a free port of loopback and on the measured disk. As root it runs as the
/// package's own user, because PostgreSQL refuses root. A quit signal, unlike a kill, makes it end the processes of its connections.
/// </summary>
internal sealed class PostgresProcess : ChildProcess
{
    public const string Program = "postgres";
    private const string User = "artifactstore";
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly string _programs = ProgramsFolder();
    private readonly string _port = FreePort().ToString(CultureInfo.InvariantCulture);
    private int _databases;

    private PostgresProcess(Children children, string folder) : base(children, folder, stop: "INT", end: "QUIT")
    {
    }

    /// <summary>Null: it is not installed, and that was said.</summary>
    public static PostgresProcess? Start(Workbench bench)
    {
        if (!bench.Has(Program)) return null;
        var server = new PostgresProcess(bench.Children, bench.NewFolder("postgres"));
        server.Initialise();
        server.Listen();
        return server;
    }

    /// <summary>A new empty database, as the setting of a store.</summary>
    public string NewDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench{++_databases}");
        Tool.Run($"{_programs}/createdb", "-h", "127.0.0.1", "-p", _port, "-U", User, name);
        return $"postgresql://{User}@127.0.0.1:{_port}/{name}";
    }

    private string Data => $"{Folder}/data";

    /// <summary>The others are beside the server itself, which may be linked from elsewhere.</summary>
    private static string ProgramsFolder()
    {
        var server = new FileInfo(Tool.Find(Program)!);
        return Path.GetDirectoryName(server.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? server.FullName)!;
    }

    private void Initialise()
    {
        if (Environment.IsPrivilegedProcess) Tool.Run("chown", "postgres:postgres", Folder);
        try
        {
            Run("test", "-w", Folder);
        }
        catch (BenchmarkException)
        {
            throw new BenchmarkException($"the user postgres cannot reach {Folder}: name a folder that others may enter with --data");
        }
        Run($"{_programs}/initdb", "-D", Data, "-A", "trust", "-U", User, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
    }

    private void Listen()
    {
        var command = AsOwner(
            Path.Combine(_programs, Program), "-D", Data, "-p", _port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=");
        var process = Start(command[0], command[1..], variables: null);
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        WaitUntil(
            () => Tool.Succeeds($"{_programs}/pg_isready", "-q", "-h", "127.0.0.1", "-p", _port),
            () => $"{Program} did not start: {string.Join(' ', _lines)}");
    }

    private void Run(params string[] command)
    {
        var owned = AsOwner(command);
        Tool.Run(owned[0], owned[1..]);
    }

    /// <summary>Its programs want to reach the folder that they are started in.</summary>
    private string[] AsOwner(params string[] command) => Environment.IsPrivilegedProcess
        ? ["env", "-C", Folder, "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", .. command]
        : command;
}
