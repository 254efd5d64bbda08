using ArtifactStore.Gateway.Shared.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

/// <summary>The routes of the native door. Each is one file beside this one.</summary>
public static class NativeApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation<GetBanner>();
        routes.MapOperation<GetHealth>();
        routes.MapOperation<GetMetrics>();
        routes.MapOperation<GetOpenApi>();
        routes.MapOperation<GetError>();

        routes.MapOperation<CreatePackage>();
        routes.MapOperation<ListPackages>();
        routes.MapOperation<GetPackage>();
        routes.MapOperation<PutFile>();
        routes.MapOperation<PostFile>();
        routes.MapOperation<LinkFile>();
        routes.MapOperation<ListFiles>();
        routes.MapOperation<FinalizePackage>();
        routes.MapOperation<GetManifest>();
        routes.MapOperation<GetManifestJson>();

        routes.MapOperation<DeletePackage>();
        routes.MapOperation<GetRetention>();
        routes.MapOperation<GetRetentionHistory>();
        routes.MapOperation<ExtendRetention>();
        routes.MapOperation<ApplyPackageHold>();
        routes.MapOperation<ListPackageHolds>();
        routes.MapOperation<ReleasePackageHold>();
        routes.MapOperation<ApplyHold>();
        routes.MapOperation<ListHolds>();
        routes.MapOperation<ReleaseHold>();
        routes.MapOperation<SweepRetention>();
        routes.MapOperation<CollectGarbage>();
        routes.MapOperation<MakePlan>();
        routes.MapOperation<ListPlans>();
        routes.MapOperation<GetPlan>();
        routes.MapOperation<ListPlannedPackages>();
        routes.MapOperation<Explain>();
        routes.MapOperation<FindSpace>();

        routes.MapOperation<GetFile>();
        routes.MapOperation<DownloadFile>();
        routes.MapOperation<GetContent>();
        routes.MapOperation<FindMissing>();

        routes.MapOperation<RegisterMetadataSchema>();
        routes.MapOperation<ListMetadataSchemas>();
        routes.MapOperation<GetMetadataSchema>();
        routes.MapOperation<ListRetentionClasses>();
        routes.MapOperation<GetEvents>();
        routes.MapOperation<Replay>();
        routes.MapOperation<Recount>();
        routes.MapOperation<VerifyLocations>();
        routes.MapOperation<MoveLocations>();
        routes.MapOperation<ScanObjects>();
    }
}
