using System.Diagnostics.CodeAnalysis;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

/// <summary>What the routes of this door have in common: the kinds they act on, the parameters they take, the ids they parse.</summary>
internal static class Words
{
    public const string Package = "package";
    public const string File = "file";
    public const string Content = "content";
    public const string Schema = "metadata_schema";
    public const string Class = "retention_class";
    public const string Event = "event";
    public const string Store = "store";

    public static readonly OperationParameter PackageIdParameter = new("id", ParameterPlace.Path, "Id of the package", Required: true);
    public static readonly OperationParameter FileIdParameter = new("id", ParameterPlace.Path, "Id of the file", Required: true);

    public static readonly IReadOnlyList<OperationParameter> DownloadHeaders =
    [
        new("Range", ParameterPlace.Header, $"bytes=…; up to {ByteRanges.MaxRanges} ranges, merged where they overlap"),
        new("If-Range", ParameterPlace.Header, "The range is answered only while the ETag is this one"),
        new("If-None-Match", ParameterPlace.Header, "304 when the ETag is one of these"),
        new("If-Match", ParameterPlace.Header, "412 unless the ETag is one of these"),
    ];

    public static readonly IReadOnlyList<OperationAnswer> DownloadAnswers =
    [
        new(200, "The bytes", new OperationBody("application/octet-stream")),
        new(206, "The ranges", new OperationBody("application/octet-stream"), new OperationBody("multipart/byteranges")),
        new(304, "The caller has them already"),
    ];

    public static bool TryPackageId(HttpContext http, out PackageId id, [NotNullWhen(false)] out Error? error)
    {
        var text = http.GetRouteValue("id") as string;
        error = PackageId.TryParse(text, null, out id) ? null : ErrorCatalogue.PackageUnknown.With($"there is no package '{text}'");
        return error is null;
    }

    public static async Task<Outcome<PackageView>> FindPackage(HttpContext http, Principal caller, IViews views) =>
        TryPackageId(http, out var id, out var error) ? await views.RequirePackage(caller.Tenant, id, http.RequestAborted) : error;

    public static bool TryFileId(HttpContext http, out FileId id, [NotNullWhen(false)] out Error? error)
    {
        var text = http.GetRouteValue("id") as string;
        error = FileId.TryParse(text, null, out id) ? null : ErrorCatalogue.FileUnknown.With($"there is no file '{text}'");
        return error is null;
    }
}
