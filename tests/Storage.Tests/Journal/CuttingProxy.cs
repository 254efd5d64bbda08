using System.Net;
using System.Net.Sockets;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Stands between a node and its server. Armed, it cuts a connection in the moment when the server says that it has committed.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private static readonly byte[] ReadyAndIdle = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private int _armed;

    public CuttingProxy(string url)
    {
        var target = new Uri(url);
        _server = new(IPAddress.Parse(target.Host), target.Port);
        _listener.Start();
        Url = new UriBuilder(target) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.AbsoluteUri;
        _accepting = Accept();
    }

    /// <summary>The same database by way of here.</summary>
    public string Url { get; }

    /// <summary>How many of the next ends of transactions are never heard of.</summary>
    public void Arm(int times) => Volatile.Write(ref _armed, times);

    private async Task Accept()
    {
        try
        {
            while (true) _ = Connect(await _listener.AcceptTcpClientAsync(_closing.Token));
        }
        catch (OperationCanceledException)
        {
            // Closed.
        }
    }

    private async Task Connect(TcpClient client)
    {
        using var node = client;
        using var server = new TcpClient { NoDelay = true };
        node.NoDelay = true;
        try
        {
            await server.ConnectAsync(_server, _closing.Token);
            var up = Copy(node.GetStream(), server.GetStream(), cuts: false);
            var down = Copy(server.GetStream(), node.GetStream(), cuts: true);
            await await Task.WhenAny(up, down);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side ended; so does the other.
        }
    }

    private async Task Copy(NetworkStream from, NetworkStream to, bool cuts)
    {
        var buffer = new byte[1 << 16];
        // The start of a session ends idle, too: only what a transaction was before is the end of one.
        var inTransaction = false;
        while (await from.ReadAsync(buffer, _closing.Token) is > 0 and var count)
        {
            var read = buffer.AsMemory(0, count);
            if (cuts && count >= ReadyAndIdle.Length)
            {
                var state = read.Span[^1];
                if (inTransaction && read.Span.EndsWith(ReadyAndIdle) && Interlocked.Decrement(ref _armed) >= 0) return;
                inTransaction = state == (byte)'T';
            }
            await to.WriteAsync(read, _closing.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _accepting;
        _listener.Stop();
        _closing.Dispose();
    }
}
