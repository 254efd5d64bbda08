using System.Reflection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record Banner(string Service, string Version, string Docs, string Openapi, string Health);

public sealed class GetBanner : IOperation
{
    public static readonly string Version = typeof(GetBanner).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static readonly Banner Body = new("artifactstore", Version, "/docs", "/openapi.json", "/health");

    public static OperationDescription Description { get; } = new(
        "GET", "/", "get_banner", "Says what answers here", Needs: null, Words.Store)
    {
        Answers = [new(200, "The banner", new OperationBody(Answer.Json, NativeJson.Default.Banner))],
    };

    public Task<Error?> Handle(HttpContext http, Principal caller) => http.WriteJson(Body, NativeJson.Default.Banner);
}
