using System.Net;
using System.Net.Sockets;
using System.Text;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Tests.Fixtures;

/// <summary>The doors on a real Kestrel and a free loopback port.</summary>
public sealed class GatewayServer : IAsyncDisposable
{
    public const string Token = "test-token";

    private readonly WebApplication _app;

    private GatewayServer(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = ClientWith(Token);
        Anonymous = ClientWith(null);
    }

    public Uri Address { get; }

    /// <summary>Sends the token.</summary>
    public HttpClient Client { get; }

    public HttpClient Anonymous { get; }

    public static Task<GatewayServer> StartWithoutStore(GatewayOptions? options = null)
    {
        var absent = new AbsentStore();
        return Start(absent, absent, absent, absent, absent, new Backends(), options, collection: absent, plans: absent, keeping: absent);
    }

    public static async Task<GatewayServer> Start(
        IJournal journal,
        IViews views,
        IMaintenance maintenance,
        INodes nodes,
        IGrains grains,
        IBlobStores backends,
        GatewayOptions? options = null,
        IAuthorizer? authorizer = null,
        ICollectionViews? collection = null,
        IPlanViews? plans = null,
        TimeSpan? planValidity = null,
        IKeepingViews? keeping = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(journal);
        builder.Services.AddSingleton(views);
        builder.Services.AddSingleton(maintenance);
        builder.Services.AddSingleton(nodes);
        builder.Services.AddSingleton(grains);
        builder.Services.AddSingleton(backends);
        builder.Services.AddSingleton<IIds, RandomIds>();
        builder.Services.AddSingleton(TimeProvider.System);
        if (collection is not null) builder.Services.AddSingleton(collection);
        if (plans is not null) builder.Services.AddSingleton(plans);
        if (planValidity is not null) builder.Services.AddSingleton(new PlanSettings(planValidity.Value));
        if (keeping is not null) builder.Services.AddSingleton(keeping);
        if (authorizer is not null) builder.Services.AddSingleton(authorizer);
        builder.Services.AddArtifactStoreGateway(options ?? new() { Tokens = [new AccessToken("tester", Token)] });
        var host = builder.Build();
        host.MapArtifactStore();
        await host.StartAsync();
        return new(host);
    }

    public HttpClient ClientWith(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Address };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>Sends exactly these bytes and reads until the server closes: no client library corrects what is wrong with them.</summary>
    public async Task<RawAnswer> Send(byte[] request, bool halfClose = false)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Address.Port), deadline.Token);
        await socket.SendAsync(request, deadline.Token);
        if (halfClose) socket.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer, deadline.Token)) > 0) answer.Write(buffer, 0, read);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // A server may answer a broken request with nothing but the end of the connection.
        }
        return new(Encoding.Latin1.GetString(answer.ToArray()));
    }

    public Task<RawAnswer> Send(string method, string target, string headers = "", string body = "") => Send(Encoding.Latin1.GetBytes(
        $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {Token}\r\n"
        + $"Content-Length: {body.Length}\r\n{headers}\r\n{body}"));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Anonymous.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

public sealed record RawAnswer(string Text)
{
    public int Status => Text.Length < 12 ? 0 : int.Parse(Text.AsSpan(9, 3));

    public string Body => Text[(Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
}
