using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ArtifactStore.Conformance.Servers;

/// <summary>
/// A private Ceph RGW from the Debian packages on free ports of loopback: one monitor, one OSD that keeps its objects in memory, one
/// gateway. The gateway can be killed and started again, and finds what it had; the OSD can not. Nothing outlives this process.
/// </summary>
public sealed class RgwServer : IAsyncDisposable
{
    public const string AccessKey = "testaccess";
    public const string SecretKey = "testsecret0123456789";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<RgwServer>> OfThisRun = new(StartForThisRun);

    private readonly string _folder;
    private readonly int _monitorPort;
    private readonly int _port;
    private readonly int _tlsPort;
    private KeptProcess? _monitor;
    private KeptProcess? _osd;
    private KeptProcess? _gateway;
    private int _buckets;

    private RgwServer(string folder)
    {
        _folder = folder;
        var ports = FreePorts();
        _monitorPort = ports[0];
        _port = ports[2];
        _tlsPort = ports[3];
    }

    public Uri Endpoint => new($"http://127.0.0.1:{_port}");

    /// <summary>The same over TLS, with a certificate that nobody trusts who was not told to.</summary>
    public Uri TlsEndpoint => new($"https://127.0.0.1:{_tlsPort}");

    public string CertificateFile => $"{_folder}/tls.pem";

    /// <summary>One for all tests of this process that do not disturb it; each takes a bucket of its own.</summary>
    public static Task<RgwServer> Shared()
    {
        RequirePackages();
        return OfThisRun.Value;
    }

    /// <summary>One that the test may kill.</summary>
    public static async Task<RgwServer> StartNew()
    {
        RequirePackages();
        var server = new RgwServer(Directory.CreateTempSubdirectory("artifactstore-rgw-").FullName);
        try
        {
            await server.Prepare();
            await server.Start();
            await server.Admin(
                "user", "create", "--uid=main", "--display-name=main", $"--access-key={AccessKey}", $"--secret={SecretKey}",
                "--caps=roles=*;oidc-provider=*;users=*;user-policy=*;buckets=*");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A name that no other test of this process has; whoever takes it makes the bucket.</summary>
    public string NextBucket() => string.Create(CultureInfo.InvariantCulture, $"bucket-{Interlocked.Increment(ref _buckets)}");

    public Task<string> Admin(params string[] arguments) => Tool.Run("radosgw-admin", ["-c", Configuration, .. arguments]);

    /// <summary>Starts the gateway, the first time or after <see cref="Kill"/>, on the same port.</summary>
    public async Task Start()
    {
        _gateway = KeptProcess.Start($"{_folder}/rgw.out", ["radosgw", "-c", Configuration, "-n", "client.rgw.a", "-f"]);
        await Listening(_port, _gateway, "rgw");
    }

    /// <summary>kill -9 of the gateway.</summary>
    public async Task Kill()
    {
        var gateway = _gateway ?? throw new InvalidOperationException("the gateway does not run");
        _gateway = null;
        await gateway.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _gateway, _osd, _monitor })
        {
            if (process is not null) await process.DisposeAsync();
        }
        _gateway = _osd = _monitor = null;
        Directory.Delete(_folder, recursive: true);
    }

    private string Configuration => $"{_folder}/ceph.conf";

    private static async Task<RgwServer> StartForThisRun()
    {
        var server = await StartNew();
        // The end of the process stops it by itself; this takes its files away as well.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(Patience);
        return server;
    }

    private static void RequirePackages()
    {
        foreach (var program in new[] { "radosgw", "ceph-mon", "ceph-osd", "openssl" }) Tool.Require(program);
    }

    private async Task Prepare()
    {
        foreach (var name in new[] { "mon", "osd", "rgw", "run", "crash" }) Directory.CreateDirectory($"{_folder}/{name}");
        var cluster = new Guid(RandomNumberGenerator.GetBytes(16)).ToString();
        var addresses = $"[v2:127.0.0.1:{_monitorPort},v1:127.0.0.1:{_monitorPort + 1}]";
        await File.WriteAllTextAsync(Configuration, ConfigurationText(cluster, addresses));
        await Tool.Run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", $"{_folder}/tls.key", "-out", CertificateFile);
        await Tool.Run("monmaptool", "--create", "--clobber", "--fsid", cluster, "--addv", "a", addresses, $"{_folder}/monmap");
        await Tool.Run("ceph-mon", "-c", Configuration, "--mkfs", "-i", "a", "--monmap", $"{_folder}/monmap");
        _monitor = KeptProcess.Start($"{_folder}/mon.out", ["ceph-mon", "-c", Configuration, "-i", "a", "-f"]);
        await Listening(_monitorPort, _monitor, "mon");

        var osd = new Guid(RandomNumberGenerator.GetBytes(16)).ToString();
        await Tool.Run("ceph", "-c", Configuration, "--connect-timeout", "30", "osd", "new", osd);
        await Tool.Run("ceph-osd", "-c", Configuration, "-i", "0", "--mkfs", "--osd-uuid", osd);
        _osd = KeptProcess.Start($"{_folder}/osd.out", ["ceph-osd", "-c", Configuration, "-i", "0", "-f"]);
    }

    /// <summary>
    /// Without authentication inside the cluster and with one copy of everything. tcp_nodelay: without it every small answer waits 40 ms.
    /// mp lock: a gateway that is killed while it completes an upload leaves the upload locked for so many seconds (by default 600).
    /// crypt: so that encryption headers are accepted over plain http.
    /// </summary>
    private string ConfigurationText(string cluster, string monitor) => $"""
        [global]
        fsid = {cluster}
        mon host = {monitor}
        ms bind ipv4 = true
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        auth cluster required = none
        auth service required = none
        auth client required = none
        ms mon client mode = crc
        run dir = {_folder}/run
        admin socket = {_folder}/run/$name.asok
        log file = {_folder}/$name.log
        crash dir = {_folder}/crash
        log to stderr = false
        err to stderr = false
        mon cluster log to file = false
        mon allow pool size one = true
        mon warn on pool no redundancy = false
        mon max pg per osd = 2000
        mon data avail warn = 2
        mon data avail crit = 1
        mon pg warn min per osd = 0
        objecter tick interval = 0.5
        mon client ping interval = 2
        paxos propose interval = 0.02
        paxos min wait = 0.01
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 4
        osd pool default pgp num = 4
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        osd max object size = 134217728
        [mon.a]
        mon data = {_folder}/mon
        [osd]
        osd data = {_folder}/osd
        osd objectstore = memstore
        memstore device bytes = 8589934592
        osd max scrubs = 0
        [client.rgw.a]
        rgw data = {_folder}/rgw
        rgw frontends = beast endpoint=127.0.0.1:{_port} ssl_endpoint=127.0.0.1:{_tlsPort} ssl_certificate={CertificateFile} ssl_private_key={_folder}/tls.key tcp_nodelay=1
        rgw thread pool size = 64
        rgw run sync thread = false
        rgw gc obj min wait = 10
        rgw gc processor period = 10
        rgw gc processor max time = 10
        rgw enable usage log = false
        rgw dynamic resharding = false
        rgw sts key = abcdefghijklmnop
        rgw s3 auth use sts = true
        rgw mp lock max time = 3
        rgw crypt require ssl = false
        rgw crypt s3 kms backend = testing
        rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
        """ + "\n";

    private async Task Listening(int port, KeptProcess process, string name)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException refused)
            {
                if (process.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
                    throw new InvalidOperationException($"{name} did not start: {await File.ReadAllTextAsync($"{_folder}/{name}.out")}", refused);
                // It says nowhere that it is ready but by listening.
                await Task.Delay(50);
            }
        }
    }

    /// <summary>The second is the neighbour of the first: the monitor's old protocol.</summary>
    private static int[] FreePorts()
    {
        while (true)
        {
            using var first = Listen(0);
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                using var second = Listen(port + 1);
                using var third = Listen(0);
                using var fourth = Listen(0);
                return [port, port + 1, ((IPEndPoint)third.LocalEndpoint).Port, ((IPEndPoint)fourth.LocalEndpoint).Port];
            }
            catch (SocketException)
            {
                // The neighbour is taken: try another pair.
            }
        }
    }

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return listener;
    }
}
