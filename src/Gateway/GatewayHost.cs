using ArtifactStore.Gateway.Native;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Gateway.Shared.Metrics;
using ArtifactStore.Interfaces.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ArtifactStore.Gateway;

/// <summary>
/// How a host takes the doors in. From its container they need IGrains, IJournal, IViews, ICollectionViews, IKeepingViews, INodes,
/// IMaintenance, IBlobStores, IIds and a TimeProvider; they bring the rest, an authorizer too unless the host has one.
/// </summary>
public static class GatewayHost
{
    private const int MaxRequestHeaderBytes = 32 * 1024;

    public static IServiceCollection AddArtifactStoreGateway(this IServiceCollection services, GatewayOptions options)
    {
        services.AddArtifactStoreServices();
        services.TryAddSingleton<IAuthorizer>(new TokenAuthorizer(options.Tokens, options.AnonymousRead));
        services.AddSingleton<ContentDownload>();
        services.AddSingleton<MetricsCollector>();
        services.AddRouting();
        services.Configure<KestrelServerOptions>(Configure);
        return services;
    }

    /// <summary>What every door and the in-process library stand on. Knows no HTTP.</summary>
    public static IServiceCollection AddArtifactStoreServices(this IServiceCollection services)
    {
        services.TryAddSingleton<ContentIngest>();
        services.TryAddSingleton<ContentReader>();
        services.TryAddSingleton<LocationRepair>();
        services.TryAddSingleton<LocationVerifier>();
        services.TryAddSingleton<LocationMover>();
        services.TryAddSingleton<PackageCreation>();
        services.TryAddSingleton<FileIngest>();
        services.TryAddSingleton<ManifestBuilder>();
        services.TryAddSingleton<PackageFinalizer>();
        services.TryAddSingleton<PackageManifests>();
        services.TryAddSingleton<RetentionService>();
        services.TryAddSingleton<RetentionSweep>();
        services.TryAddSingleton<LocationDeletion>();
        services.TryAddSingleton<Collector>();
        services.TryAddSingleton(PlanSettings.Default);
        services.TryAddSingleton<Planner>();
        services.TryAddSingleton<PlanRunner>();
        services.TryAddSingleton<OrphanScan>();
        services.TryAddSingleton<KeeperFates>();
        services.TryAddSingleton<Departures>();
        services.TryAddSingleton<Explainer>();
        services.TryAddSingleton<SpaceSearch>();
        services.TryAddSingleton<EventFeed>();
        services.TryAddSingleton<StoreHealth>();
        return services;
    }

    public static WebApplication MapArtifactStore(this WebApplication app)
    {
        // From the start, so that nothing is missing from the first scrape.
        app.Services.GetRequiredService<MetricsCollector>();
        app.UseMiddleware<RequestMetrics>();
        app.UseMiddleware<ErrorBoundary>();
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/docs"), docs => docs.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "docs";
            page.DocumentTitle = "Artifact Store";
            page.SwaggerEndpoint("/openapi.json", "Artifact Store");
        }));
        app.UseRouting();
        NativeApi.Map(app);
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxRequestHeaderBytes;
        // Two chunks: one on the wire, one being read from the backend.
        kestrel.Limits.MaxResponseBufferSize = ContentDownload.MaxBufferedBytes;
    }
}
