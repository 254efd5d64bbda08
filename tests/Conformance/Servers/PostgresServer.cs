using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ArtifactStore.Conformance.Servers;

/// <summary>
/// A private PostgreSQL from the Debian package, on a free port of loopback, with its data in a temporary directory. It syncs like a real
/// one, because the store refuses one that does not. It does not outlive this process. As root it runs as the package's own user, because
/// PostgreSQL refuses root.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "artifactstore";
    private const string FastStop = "INT";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<Task<PostgresServer>> OfThisRun = new(StartForThisRun);

    private readonly string _folder;
    private readonly string _programs;
    private readonly int _port;
    private KeptProcess? _server;
    private int _databases;

    private PostgresServer(string folder, string programs, int port)
    {
        _folder = folder;
        _programs = programs;
        _port = port;
    }

    /// <summary>One for all tests of this process that do not disturb it; each takes a database of its own.</summary>
    public static Task<PostgresServer> Shared() => OfThisRun.Value;

    /// <summary>One that its owner may stop and kill.</summary>
    /// <param name="folder">An empty one that the server may have; null: one of its own.</param>
    public static async Task<PostgresServer> StartNew(string? folder = null)
    {
        var programs = Programs();
        var server = new PostgresServer(folder ?? Directory.CreateTempSubdirectory("artifactstore-pg-").FullName, programs, FreePort());
        if (Environment.IsPrivilegedProcess) await Tool.Run("chown", "postgres:postgres", server._folder);
        var initialise = server.AsOwner(
            $"{programs}/initdb", "-D", server.Data, "-A", "trust", "-U", User, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        await Tool.Run(initialise[0], initialise[1..]);
        await server.Start();
        return server;
    }

    /// <summary>A new empty database, as the setting of a store.</summary>
    public async Task<string> NewDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _databases)}");
        await Sql($"CREATE DATABASE {name} TEMPLATE template0");
        return $"postgresql://{User}@127.0.0.1:{_port}/{name}";
    }

    /// <summary>Ends every connection to a database and removes it.</summary>
    public Task Drop(string url) => Sql($"DROP DATABASE IF EXISTS {new Uri(url).AbsolutePath[1..]} WITH (FORCE)");

    /// <summary>One statement as the superuser; what it prints, without decoration.</summary>
    public Task<string> Sql(string statement, string database = "postgres") => Tool.Run(
        $"{_programs}/psql", "-h", "127.0.0.1", "-p", $"{_port}", "-U", User, "-d", database, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
        "-c", statement);

    /// <summary>Starts it, the first time or again, on the same port and data.</summary>
    public async Task Start()
    {
        var command = AsOwner(
            $"{_programs}/postgres", "-D", Data, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "max_connections=200");
        _server = KeptProcess.Start($"{_folder}/log", command, FastStop);
        var began = Stopwatch.GetTimestamp();
        while (!await Answers())
        {
            if (_server.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync($"{_folder}/log")}");
            // It says nowhere that it is ready but by answering.
            await Task.Delay(50);
        }
    }

    /// <summary>The fast stop: transactions in progress are rolled back, connections end.</summary>
    public async Task Stop()
    {
        if (_server is not { } server) return;
        _server = null;
        await server.DisposeAsync();
    }

    /// <summary>kill -9 of the server and all its processes.</summary>
    public async Task Kill()
    {
        if (_server is null) throw new InvalidOperationException("the server does not run");
        var postmaster = (await File.ReadAllLinesAsync($"{Data}/postmaster.pid"))[0];
        var backends = await File.ReadAllTextAsync($"/proc/{postmaster}/task/{postmaster}/children");
        await Tool.Run("bash", "-c", $"kill -9 {postmaster} {backends} 2>/dev/null || true");
        await Stop();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        Directory.Delete(_folder, recursive: true);
    }

    private string Data => $"{_folder}/data";

    private static async Task<PostgresServer> StartForThisRun()
    {
        var server = await StartNew();
        // The end of the process stops it by itself; this takes its files away as well.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(Patience);
        return server;
    }

    private static string Programs()
    {
        const string packages = "/usr/lib/postgresql";
        var newest = Directory.Exists(packages)
            ? Directory.EnumerateDirectories(packages).OrderByDescending(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).FirstOrDefault()
            : null;
        return newest is not null && File.Exists($"{newest}/bin/postgres") ? $"{newest}/bin" : Path.GetDirectoryName(Tool.Require("postgres"))!;
    }

    private async Task<bool> Answers()
    {
        using var probe = Process.Start(new ProcessStartInfo($"{_programs}/pg_isready", ["-q", "-h", "127.0.0.1", "-p", $"{_port}"]))!;
        await probe.WaitForExitAsync();
        return probe.ExitCode == 0;
    }

    /// <summary>PostgreSQL wants to reach the folder that it is started in.</summary>
    private string[] AsOwner(params string[] command) => Environment.IsPrivilegedProcess
        ? ["env", "-C", _folder, "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", .. command]
        : command;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
