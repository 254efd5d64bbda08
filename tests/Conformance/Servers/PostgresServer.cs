using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ArtifactStore.Conformance.Servers;

/// <summary>
/// A private PostgreSQL from the Debian package, on a free port of loopback, with its data in a temporary directory. It syncs like a real
/// one, because the store refuses one that does not. A shell stands between: when this process ends, however it ends, the shell's input
/// closes and it stops the server. As root it runs as the package's own user, because PostgreSQL refuses root.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "artifactstore";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<Task<PostgresServer>> OfThisRun = new(StartForThisRun);

    private readonly string _folder;
    private readonly string _programs;
    private readonly int _port;
    private Process? _keeper;
    private int _databases;

    private PostgresServer(string folder, string programs, int port)
    {
        _folder = folder;
        _programs = programs;
        _port = port;
    }

    /// <summary>One for all tests of this process that do not disturb it; each takes a database of its own.</summary>
    public static Task<PostgresServer> Shared() => OfThisRun.Value;

    /// <summary>One that the test may stop and kill.</summary>
    public static async Task<PostgresServer> StartNew()
    {
        var programs = Programs();
        var folder = Directory.CreateTempSubdirectory("artifactstore-pg-").FullName;
        var server = new PostgresServer(folder, programs, FreePort());
        if (Environment.IsPrivilegedProcess) await Run("chown", "postgres:postgres", folder);
        await server.RunAsOwner(
            $"{programs}/initdb", "-D", server.Data, "-A", "trust", "-U", User, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
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
    public Task<string> Sql(string statement, string database = "postgres") => Run(
        $"{_programs}/psql", "-h", "127.0.0.1", "-p", $"{_port}", "-U", User, "-d", database, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
        "-c", statement);

    /// <summary>Starts it, the first time or again, on the same port and data.</summary>
    public async Task Start()
    {
        var server = $"{_programs}/postgres -D '{Data}' -p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            + "-c max_connections=200 -c shared_buffers=128MB -c logging_collector=off";
        // SIGINT is PostgreSQL's fast stop.
        var script = $"{server} >>'{_folder}/log' 2>&1 & p=$!; trap '' INT TERM; read -r _; kill -INT $p 2>/dev/null; wait $p";
        var start = AsOwner("bash", "-c", script);
        start.RedirectStandardInput = true;
        _keeper = Process.Start(start) ?? throw new InvalidOperationException("the shell did not start");
        var began = Stopwatch.GetTimestamp();
        while (!await Answers())
        {
            if (_keeper.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync($"{_folder}/log")}");
            // It says nowhere that it is ready but by answering.
            await Task.Delay(50);
        }
    }

    /// <summary>The fast stop: transactions in progress are rolled back, connections end.</summary>
    public async Task Stop()
    {
        if (_keeper is not { } keeper) return;
        _keeper = null;
        using (keeper)
        {
            keeper.StandardInput.Close();
            await keeper.WaitForExitAsync();
        }
    }

    /// <summary>kill -9 of the server and all its processes.</summary>
    public async Task Kill()
    {
        var keeper = _keeper ?? throw new InvalidOperationException("the server does not run");
        _keeper = null;
        var postmaster = (await File.ReadAllLinesAsync($"{Data}/postmaster.pid"))[0];
        var backends = await File.ReadAllTextAsync($"/proc/{postmaster}/task/{postmaster}/children");
        await Run("bash", "-c", $"kill -9 {postmaster} {backends} 2>/dev/null || true");
        using (keeper)
        {
            keeper.StandardInput.Close();
            await keeper.WaitForExitAsync();
        }
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

    private async Task RunAsOwner(string program, params string[] arguments) => await Output(AsOwner(program, arguments));

    private static async Task<string> Run(string program, params string[] arguments) => await Output(new ProcessStartInfo(program, arguments));

    private ProcessStartInfo AsOwner(string program, params string[] arguments)
    {
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = _folder;
        return start;
    }

    private static async Task<string> Output(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output.TrimEnd('\n')
            : throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {await error}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
