using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>
/// The form that browsers and <c>curl -F</c> send. The file streams through: it must come last, after the fields that describe it.
/// </summary>
public sealed class PostFile(FileIngest files) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/packages/{id}/files", "post_file", "Adds a file from a multipart form", StoreAction.Write, Words.Package)
    {
        Details = "Parts, in this order: `relative_path` (if absent, the file part's filename), `media_type` (if absent, the file part's "
            + "Content-Type), `content_address` (optional), and last the file, under any other name.",
        Parameters = [Words.PackageIdParameter],
        Request = [new("multipart/form-data")],
        Answers = [new(201, "The file; Location names it", new OperationBody(Answer.Json, NativeJson.Default.FileBody))],
        Refusals =
        [
            ErrorCatalogue.RequestMalformed, ErrorCatalogue.MediaTypeUnsupported, ErrorCatalogue.PathInvalid, ErrorCatalogue.PackageUnknown,
            ErrorCatalogue.PackageNotOpen, ErrorCatalogue.PathTaken, ErrorCatalogue.DigestMismatch, ErrorCatalogue.BodyIncomplete,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var headers = DigestHeaders.Expected(http.Request.Headers);
        if (!headers.Succeeded) return headers.Error;
        Uploads.LiftBodyLimit(http);
        var opened = await UploadForm.Open(http);
        if (!opened.Succeeded) return opened.Error;
        var form = opened.Value;

        if (RelativePath.TryCreate(form.RelativePath, out var path) is { } badPath) return ErrorCatalogue.PathInvalid.With(badPath);
        if (MediaType.TryCreate(form.MediaType ?? MediaType.OctetStream.Value, out var mediaType) is { } badType)
            return ErrorCatalogue.RequestMalformed.With(badType);
        if (headers.Value.And(form.Expected) is not { } expected)
            return ErrorCatalogue.RequestMalformed.With("the announced digests contradict each other");

        var file = new NewFile(caller, id, path!, mediaType!);
        var package = await files.Expect(file, sizeHint: null, http.RequestAborted);
        if (!package.Succeeded) return package.Error;
        var ingested = await files.Ingest(file, package.Value, form.File, sizeHint: null, expected, http.RequestAborted);
        return ingested.Succeeded ? await Uploads.WriteFile(http, ingested.Value) : ingested.Error;
    }
}
