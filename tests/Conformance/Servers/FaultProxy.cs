using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ArtifactStore.Conformance.Servers;

/// <summary>One request as the proxy saw it.</summary>
public sealed record ProxiedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public bool IsCopy => Headers.ContainsKey("x-amz-copy-source");

    public bool IsPart => Method == "PUT" && Target.Contains("partNumber=", StringComparison.Ordinal) && !IsCopy;

    public bool IsCompletion => Method == "POST" && Target.Contains("uploadId=", StringComparison.Ordinal);

    public bool IsPut => Method == "PUT" && !IsCopy && !IsPart;

    public bool IsAbout(string part) => Target.Contains(part, StringComparison.Ordinal);
}

/// <summary>What the proxy does with one request.</summary>
public abstract record Fault
{
    private Fault() { }

    /// <summary>Lets it pass.</summary>
    public sealed record None : Fault;

    /// <summary>Takes the whole request and answers itself, as an S3 endpoint that refuses would.</summary>
    public sealed record Answer(int Status, string Code) : Fault;

    /// <summary>Sends so many bytes of the body, runs the action (killing the server, say), then tries to send the rest.</summary>
    public sealed record HalfWay(int BodyBytes, Func<Task> Then) : Fault;

    /// <summary>Sends so many bytes of the body and closes both connections.</summary>
    public sealed record CutRequest(int BodyBytes) : Fault;

    /// <summary>Sends everything and runs the action before it reads the answer.</summary>
    public sealed record WhileItWorks(Func<Task> Then) : Fault;

    /// <summary>The server did it and answered; the client hears nothing.</summary>
    public sealed record LoseAnswer : Fault;

    /// <summary>The client hears of it too late.</summary>
    public sealed record DelayAnswer(TimeSpan Time) : Fault;

    /// <summary>So many bytes of the answer's body, then the connection ends.</summary>
    public sealed record CutAnswer(int BodyBytes) : Fault;

    /// <summary>The server gets it twice, one after the other; the client hears the second answer.</summary>
    public sealed record Twice : Fault;
}

/// <summary>
/// Stands between a client and an HTTP server and does to each request what the rule says. One connection per request, closed after the
/// answer; bodies are held in memory.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _target;
    private readonly Task _accepting;

    public FaultProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        _accepting = Accept();
    }

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What was asked so far, in order of arrival.</summary>
    public ConcurrentQueue<ProxiedRequest> Requests { get; } = new();

    public Func<ProxiedRequest, Fault> Rule { get; set; } = _ => new Fault.None();

    /// <summary>The fault for the first request that fits, and none for all others. Returns a question: has it happened?</summary>
    public Func<bool> Once(Func<ProxiedRequest, bool> fits, Fault fault)
    {
        var left = 1;
        Rule = request => fits(request) && Interlocked.Exchange(ref left, 0) == 1 ? fault : new Fault.None();
        return () => Volatile.Read(ref left) == 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task Accept()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Serve(client);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                var (head, rest) = await ReadHead(stream);
                if (head.Length == 0) return;
                var request = Parse(head);
                Requests.Enqueue(request);
                if (request.Headers.TryGetValue("expect", out _)) await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _end.Token);
                var length = request.Headers.TryGetValue("content-length", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
                var body = new byte[length];
                rest.CopyTo(body, 0);
                await stream.ReadExactlyAsync(body.AsMemory(rest.Length), _end.Token);
                await Apply(Rule(request), Forwarded(head), body, stream);
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The connection ends, which is what the client shall see.
            }
        }
    }

    private async Task Apply(Fault fault, byte[] head, byte[] body, NetworkStream client)
    {
        if (fault is Fault.Answer refusal)
        {
            var xml = $"<?xml version=\"1.0\"?><Error><Code>{refusal.Code}</Code><Message>as the test wants it</Message></Error>";
            var answer = $"HTTP/1.1 {refusal.Status} Refused\r\nContent-Type: application/xml\r\nContent-Length: {xml.Length}\r\nConnection: close\r\n\r\n{xml}";
            await client.WriteAsync(Encoding.ASCII.GetBytes(answer), _end.Token);
            return;
        }
        if (fault is Fault.Twice) await (await Send(head, body, body.Length)).CopyToAsync(Stream.Null, _end.Token);
        var sent = fault switch
        {
            Fault.HalfWay some => Math.Min(some.BodyBytes, body.Length),
            Fault.CutRequest some => Math.Min(some.BodyBytes, body.Length),
            _ => body.Length,
        };
        await using var server = await Send(head, body, sent);
        if (fault is Fault.CutRequest) return;
        if (fault is Fault.HalfWay half)
        {
            await half.Then();
            await server.WriteAsync(body.AsMemory(sent), _end.Token);
        }
        if (fault is Fault.WhileItWorks works) await works.Then();
        if (fault is Fault.LoseAnswer)
        {
            await server.CopyToAsync(Stream.Null, _end.Token);
            return;
        }
        // The delay is the fault itself.
        if (fault is Fault.DelayAnswer late) await Task.Delay(late.Time, _end.Token);
        if (fault is Fault.CutAnswer cut)
        {
            var (answerHead, begin) = await ReadHead(server);
            await client.WriteAsync(answerHead, _end.Token);
            var some = new byte[cut.BodyBytes];
            var first = Math.Min(begin.Length, some.Length);
            begin.AsSpan(0, first).CopyTo(some);
            await server.ReadExactlyAsync(some.AsMemory(first), _end.Token);
            await client.WriteAsync(some, _end.Token);
            return;
        }
        await server.CopyToAsync(client, _end.Token);
    }

    private async Task<NetworkStream> Send(byte[] head, byte[] body, int count)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_target.Host, _target.Port, _end.Token);
        var server = new NetworkStream(socket, ownsSocket: true);
        await server.WriteAsync(head, _end.Token);
        await server.WriteAsync(body.AsMemory(0, count), _end.Token);
        return server;
    }

    private async Task<(byte[] Head, byte[] Begin)> ReadHead(NetworkStream stream)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), _end.Token);
            if (read == 0) return ([], []);
            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0) return (buffer[..(end + 4)], buffer[(end + 4)..length]);
        }
    }

    private static ProxiedRequest Parse(byte[] head)
    {
        var lines = Encoding.ASCII.GetString(head).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0].Trim().ToLowerInvariant(), pair => pair[1].Trim(), StringComparer.Ordinal);
        return new ProxiedRequest(first[0], first[1], headers);
    }

    /// <summary>One request per connection, and no waiting for permission to send the body; neither header is signed.</summary>
    private static byte[] Forwarded(byte[] head)
    {
        var lines = Encoding.ASCII.GetString(head).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase) && !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase));
        return Encoding.ASCII.GetBytes(string.Join("\r\n", lines) + "\r\nConnection: close\r\n\r\n");
    }
}
