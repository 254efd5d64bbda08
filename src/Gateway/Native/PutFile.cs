using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ArtifactStore.Gateway.Native;

public sealed class PutFile(FileIngest files) : IOperation
{
    /// <summary>/packages/{id}/files: what comes before the relative path.</summary>
    private const int SegmentsBeforePath = 3;

    public static OperationDescription Description { get; } = new(
        "PUT", "/packages/{id}/files/{**relative_path}", "put_file", "Adds a file: the body is its bytes", StoreAction.Write, Words.Package)
    {
        Details = "The Content-Type becomes the media type. When a digest is announced and is not that of the bytes, nothing is kept. "
            + "The answer comes when the bytes and the fact are durable.",
        Parameters =
        [
            Words.PackageIdParameter,
            new("relative_path", ParameterPlace.Path, "Where the file stands in the package; may contain '/'", Required: true),
            new(DigestHeaders.ContentDigest, ParameterPlace.Header, "RFC 9530: sha-256=:base64:, and blake3=:base64: likewise"),
            new(DigestHeaders.ContentAddressHeader, ParameterPlace.Header, "The content address that the bytes must have"),
        ],
        Request = [new("application/octet-stream")],
        Answers = [new(201, "The file; Location names it", new OperationBody(Answer.Json, NativeJson.Default.FileBody))],
        Refusals =
        [
            ErrorCatalogue.PathInvalid, ErrorCatalogue.PackageUnknown, ErrorCatalogue.PackageNotOpen, ErrorCatalogue.PathTaken,
            ErrorCatalogue.DigestMismatch, ErrorCatalogue.BodyIncomplete, ErrorCatalogue.StorageFull,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        if (RelativePath.TryCreate(RawTarget.TailAfter(http, SegmentsBeforePath), out var path) is { } reason)
            return ErrorCatalogue.PathInvalid.With(reason);
        if (!TryMediaType(http.Request.ContentType, out var mediaType, out error)) return error;
        var digests = DigestHeaders.Expected(http.Request.Headers);
        if (!digests.Succeeded) return digests.Error;

        var size = http.Request.ContentLength;
        var file = new NewFile(caller, id, path!, mediaType);
        var package = await files.Expect(file, size, http.RequestAborted);
        if (!package.Succeeded) return package.Error;
        Uploads.LiftBodyLimit(http);
        var ingested = await files.Ingest(file, package.Value, http.Request.Body, size, digests.Value, http.RequestAborted);
        return ingested.Succeeded ? await Uploads.WriteFile(http, ingested.Value) : ingested.Error;
    }

    private static bool TryMediaType(string? contentType, out MediaType mediaType, out Error? error)
    {
        mediaType = MediaType.OctetStream;
        error = null;
        if (string.IsNullOrEmpty(contentType)) return true;
        if (MediaType.TryCreate(contentType, out var given) is { } reason)
            error = ErrorCatalogue.RequestMalformed.With($"Content-Type: {reason}");
        else mediaType = given!;
        return error is null;
    }
}
