using System.Net;
using System.Net.Sockets;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>
/// A load balancer that knows nothing: each new connection goes to the next node, and to the one after it when that one does not accept.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private Uri[] _nodes = [];
    private int _next;

    public Balancer()
    {
        _listener.Start();
        Url = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = Accept();
    }

    public Uri Url { get; }

    public void Use(IEnumerable<Uri> nodes) => _nodes = [.. nodes];

    private async Task Accept()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = Serve(await _listener.AcceptSocketAsync(_end.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                if (_end.IsCancellationRequested) return;
            }
        }
    }

    private async Task Serve(Socket client)
    {
        using (client)
        {
            using var node = await Connect();
            if (node is null) return;
            client.NoDelay = true;
            try
            {
                await Task.WhenAll(Copy(client, node), Copy(node, client));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // One side is gone: the other one sees its connection end, which is what a balancer can say.
            }
        }
    }

    private async Task<Socket?> Connect()
    {
        var nodes = _nodes;
        for (var attempt = 0; attempt < nodes.Length; attempt++)
        {
            var url = nodes[(uint)Interlocked.Increment(ref _next) % nodes.Length];
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, url.Port, _end.Token);
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }
        return null;
    }

    private async Task Copy(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is var length and > 0)
            {
                for (var sent = 0; sent < length;) sent += await to.SendAsync(buffer.AsMemory(sent, length - sent), _end.Token);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // A reset is passed on as one.
            from.Close(0);
            to.Close(0);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }
}
