using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Packages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ArtifactStore.Gateway.Native;

/// <summary>What the ways to add a file have in common.</summary>
internal static class Uploads
{
    /// <summary>Files may be of any size; the server's limit is for routes that hold their body in memory.</summary>
    public static void LiftBodyLimit(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
    }

    public static Task<Error?> WriteFile(HttpContext http, FileView file)
    {
        http.Response.Headers.Location = $"/files/{file.Id}";
        return http.WriteJson(FileBody.Of(file), NativeJson.Default.FileBody, StatusCodes.Status201Created);
    }
}
