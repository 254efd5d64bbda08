using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>A security token service as small as can be: it hands out the keys it was given, until the time it was told.</summary>
internal sealed class TokenService : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public TokenService()
    {
        _listener.Start();
        _serving = Serve();
    }

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public (string Access, string Secret, string Token, DateTimeOffset End) Keys { get; set; }

    /// <summary>Refuses with 400 and this code; null: gives the keys.</summary>
    public string? Refusal { get; set; }

    public ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task Serve()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await Answer(client.GetStream());
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Answer(NetworkStream stream)
    {
        var text = "";
        var buffer = new byte[64 * 1024];
        while (!IsWhole(text))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0) return;
            text += Encoding.ASCII.GetString(buffer, 0, read);
            if (text.Contains("100-continue", StringComparison.OrdinalIgnoreCase) && text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
        }
        Requests.Enqueue(WebUtility.UrlDecode(text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
        var xml = Refusal is { } code
            ? $"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no {Keys.Secret}</Message></Error></ErrorResponse>"
            : "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult><Credentials>"
                + $"<AccessKeyId>{Keys.Access}</AccessKeyId><SecretAccessKey>{Keys.Secret}</SecretAccessKey><SessionToken>{Keys.Token}</SessionToken>"
                + $"<Expiration>{Keys.End.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
                + "</AssumeRoleWithWebIdentityResponse>";
        var head = $"HTTP/1.1 {(Refusal is null ? "200 OK" : "400 Bad Request")}\r\nContent-Type: text/xml\r\nContent-Length: {xml.Length}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + xml));
    }

    private static bool IsWhole(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        var length = text.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is null || text.Length - end - 4 >= int.Parse(length[15..]);
    }
}
