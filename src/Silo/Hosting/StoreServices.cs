using Microsoft.Extensions.DependencyInjection;

namespace ArtifactStore.Silo.Hosting;

/// <summary>A composed store as the services that the gateway's own ask for; with doors or without, they are the same.</summary>
internal static class StoreServices
{
    public static IServiceCollection AddStore(this IServiceCollection services, StoreComposition store) => services
        .AddSingleton(store.Time)
        .AddSingleton(store.Ids)
        .AddSingleton(store.Grains)
        .AddSingleton(store.Journal)
        .AddSingleton(store.Views)
        .AddSingleton(store.Plans)
        .AddSingleton(store.Collector)
        .AddSingleton(store.Planner)
        .AddSingleton(store.PlanRunner)
        .AddSingleton(store.Orphans)
        .AddSingleton(store.Collection)
        .AddSingleton(store.Keeping)
        .AddSingleton(store.Blobs)
        .AddSingleton(store.Nodes)
        .AddSingleton(store.Maintenance)
        .AddSingleton(store.Verifier)
        .AddSingleton(store.Mover)
        .AddSingleton(store.Scrub);
}
