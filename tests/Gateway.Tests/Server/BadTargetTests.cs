using System.Text;
using ArtifactStore.Gateway.Tests.Fixtures;

namespace ArtifactStore.Gateway.Tests.Server;

/// <summary>Through raw sockets: any client library would repair these targets before they are sent.</summary>
public sealed class BadTargetTests : IAsyncLifetime
{
    private const string Files = "/packages/0198c0de-0000-7000-8000-000000000001/files/";

    private GatewayServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await GatewayServer.StartWithoutStore();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("a/../b")]
    [InlineData("../b")]
    [InlineData("..")]
    [InlineData("a/%2e%2e/b")]
    [InlineData("%2e%2e%2fb")]
    [InlineData("./a")]
    [InlineData("a/%2e/b")]
    [InlineData("/etc/passwd")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("%ff")]
    [InlineData("a%5cb")]
    [InlineData("a%0ab")]
    [InlineData("a%zz")]
    [InlineData("a#b")]
    public async Task A_path_that_is_not_relative_and_clean_is_refused_with_its_reason(string path)
    {
        var answer = await _server.Send("PUT", Files + path, body: "x");
        Assert.Equal(400, answer.Status);
        Assert.Contains("\"code\":\"path_invalid\"", answer.Body);
        Assert.Contains("application/problem+json", answer.Text);
    }

    [Fact]
    public async Task A_path_of_5000_characters_is_refused()
    {
        var answer = await _server.Send("PUT", Files + string.Join('/', Enumerable.Repeat(new string('a', 99), 50)), body: "x");
        Assert.Equal(400, answer.Status);
        Assert.Contains("\"code\":\"path_invalid\"", answer.Body);
    }

    /// <summary>Kestrel refuses these itself, before any of our code, and may do so without a body.</summary>
    [Theory]
    [InlineData("%00")]
    [InlineData("a%00b")]
    public async Task A_path_with_nul_is_refused(string path) =>
        Assert.Equal(400, (await _server.Send("PUT", Files + path, body: "x")).Status);

    [Fact]
    public async Task A_target_with_raw_bytes_is_refused()
    {
        var request = Encoding.ASCII.GetBytes($"PUT {Files}").Concat(new byte[] { 0xff, 0xfe })
            .Concat(Encoding.ASCII.GetBytes(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")).ToArray();
        Assert.Equal(400, (await _server.Send(request)).Status);
    }

    [Theory]
    [InlineData("/packages/../health")]
    [InlineData("/packages/%2e%2e/health")]
    [InlineData("/./health")]
    [InlineData("/packages#/../health")]
    public async Task A_path_that_climbs_to_another_route_does_not_reach_it(string target)
    {
        var answer = await _server.Send("GET", target);
        Assert.Equal(400, answer.Status);
        Assert.Contains("\"code\":\"path_invalid\"", answer.Body);
    }

    [Fact]
    public async Task Headers_beyond_32_KiB_are_refused()
    {
        var answer = await _server.Send("GET", "/", headers: $"X-Long: {new string('a', 40_000)}\r\n");
        Assert.Equal(431, answer.Status);
    }

    [Fact]
    public async Task A_good_path_gets_past_the_door()
    {
        var answer = await _server.Send("PUT", Files + "a/b%20c.txt", body: "x");
        Assert.Equal(503, answer.Status);
        Assert.Contains("\"code\":\"database_unavailable\"", answer.Body);
    }
}
