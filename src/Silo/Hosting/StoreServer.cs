using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ArtifactStore.Gateway;
using ArtifactStore.Silo.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ArtifactStore.Silo.Hosting;

/// <summary>
/// The doors on a composed store. Built from an empty builder on purpose: the default one reads configuration files and watches the whole
/// tree below the working directory, which costs seconds when that tree is a pool of a million objects.
/// </summary>
public static class StoreServer
{
    /// <summary>How long requests in progress may take to end after SIGTERM.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    public static ILoggerFactory Loggers(StoreSettings settings) => LoggerFactory.Create(logging => Configure(logging, settings));

    public static WebApplication Build(StoreSettings settings, StoreComposition store)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "artifactstore",
            ContentRootPath = AppContext.BaseDirectory,
        });
        Configure(builder.Logging, settings);
        builder.WebHost.UseKestrelCore();
        if (settings.Tls is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = DrainTime);
        builder.Services.Configure<KestrelServerOptions>(kestrel => Listen(kestrel, settings));
        builder.Services
            .AddStore(store)
            .AddArtifactStoreGateway(new GatewayOptions { Tokens = settings.Tokens, AnonymousRead = settings.AnonymousRead });
        var app = builder.Build();
        app.MapArtifactStore();
        return app;
    }

    /// <summary>Where it listens once started; a configured port 0 has become a real one.</summary>
    public static IEnumerable<string> Addresses(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    private static void Listen(KestrelServerOptions kestrel, StoreSettings settings)
    {
        var tls = settings.Tls is { } files ? Certificate(files) : null;
        foreach (var address in settings.Listen)
        {
            void Use(ListenOptions listen)
            {
                listen.Protocols = address.Https ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                if (address.Https) listen.UseHttps(tls!);
            }

            if (address.Host is "*" or "0.0.0.0" or "+") kestrel.ListenAnyIP(address.Port, Use);
            else if (address.Host == "localhost") kestrel.ListenLocalhost(address.Port, Use);
            else if (IPAddress.TryParse(address.Host, out var ip)) kestrel.Listen(ip, address.Port, Use);
            else throw new SettingsException($"ARTIFACTSTORE_LISTEN names the host '{address.Host}'; write an IP address, localhost or *.");
        }
    }

    /// <summary>The file may hold the whole chain, the server's certificate first; clients get all of it.</summary>
    private static HttpsConnectionAdapterOptions Certificate(TlsSettings files)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.CertificateFile);
            return new HttpsConnectionAdapterOptions
            {
                ServerCertificate = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile),
                ServerCertificateChain = chain,
            };
        }
        catch (CryptographicException e)
        {
            throw new SettingsException(
                $"ARTIFACTSTORE_TLS_CERTIFICATE_FILE and ARTIFACTSTORE_TLS_KEY_FILE do not hold a PEM certificate and its key: {e.Message}", e);
        }
    }

    private static void Configure(ILoggingBuilder logging, StoreSettings settings)
    {
        logging.SetMinimumLevel(settings.LogLevel);
        // A request that fails is told by the gateway, once; the framework would tell it again, with a stack trace for every lost client.
        if (settings.LogLevel > LogLevel.Debug) logging.AddFilter("Microsoft", LogLevel.Warning);
        // A start that fails is one sentence of the verb.
        if (settings.LogLevel > LogLevel.Debug) logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
