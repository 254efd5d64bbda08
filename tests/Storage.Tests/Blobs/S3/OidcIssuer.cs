using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ArtifactStore.Conformance.Servers;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>
/// An OpenID Connect issuer as small as can be: a discovery document, a key set with a certificate (Ceph RGW reads nothing else of it), and
/// tokens signed with RS256.
/// </summary>
internal sealed class OidcIssuer : IAsyncDisposable
{
    public const string Audience = "object-storage";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly Task _serving;

    public OidcIssuer()
    {
        var now = S3Bucket.Clock.GetUtcNow();
        var request = new CertificateRequest("CN=issuer", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _listener.Start();
        _serving = Serve();
    }

    private string Authority => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Makes the endpoint trust this issuer for one audience, and a role that its one subject may take. Returns the role.</summary>
    public async Task<string> Introduce(RgwServer server)
    {
        await RgwIdentityApi.Call(server, new()
        {
            ["Action"] = "CreateOpenIDConnectProvider",
            ["Url"] = $"http://{Authority}",
            ["ClientIDList.member.1"] = Audience,
            ["ThumbprintList.member.1"] = _certificate.GetCertHashString(HashAlgorithmName.SHA1),
        });
        return await RgwRoles.Create(
            server,
            $$$$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":["arn:aws:iam:::oidc-provider/{{{{Authority}}}}"]},"Action":["sts:AssumeRoleWithWebIdentity"],"Condition":{"StringEquals":{"{{{{Authority}}}}:app_id":"{{{{Audience}}}}"}}}]}""");
    }

    /// <param name="life">Negative: it ended a while ago.</param>
    /// <param name="audience">Whom the token is for.</param>
    /// <param name="key">Signs it; the issuer's own when null.</param>
    public string Token(TimeSpan life, string audience = Audience, RSA? key = null)
    {
        var now = S3Bucket.Clock.GetUtcNow();
        var header = Part(new Dictionary<string, object> { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = "1" });
        var claims = Part(new Dictionary<string, object>
        {
            ["iss"] = $"http://{Authority}",
            ["sub"] = "artifact-store",
            ["aud"] = audience,
            ["iat"] = (now - TimeSpan.FromHours(1)).ToUnixTimeSeconds(),
            ["exp"] = (now + life).ToUnixTimeSeconds(),
            ["jti"] = S3Bucket.NextId().ToString(),
        });
        var signature = (key ?? _key).SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Url(signature)}";
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _certificate.Dispose();
        _key.Dispose();
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
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var first = await reader.ReadLineAsync() ?? "";
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }
        var body = first.Split(' ') is ["GET", "/.well-known/openid-configuration", ..] ? Discovery() : KeySet();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}")));
    }

    private string Discovery() => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["issuer"] = $"http://{Authority}",
        ["jwks_uri"] = $"http://{Authority}/keys",
        ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
    });

    private string KeySet()
    {
        var numbers = _key.ExportParameters(includePrivateParameters: false);
        var key = new Dictionary<string, object>
        {
            ["kty"] = "RSA",
            ["alg"] = "RS256",
            ["use"] = "sig",
            ["kid"] = "1",
            ["n"] = Url(numbers.Modulus!),
            ["e"] = Url(numbers.Exponent!),
            ["x5c"] = new[] { Convert.ToBase64String(_certificate.RawData) },
        };
        return JsonSerializer.Serialize(new Dictionary<string, object> { ["keys"] = new[] { key } });
    }

    private static string Part(Dictionary<string, object> fields) => Url(JsonSerializer.SerializeToUtf8Bytes(fields));

    private static string Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
