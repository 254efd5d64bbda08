using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record LinkFileRequest(string RelativePath, string ContentAddress, string? MediaType);

public sealed class LinkFile(FileIngest files) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/packages/{id}/files:link", "link_file", "Adds a file from bytes that the store has", StoreAction.Write, Words.Package)
    {
        Details = "Only contents that the caller may read can be linked: knowing an address grants nothing.",
        Parameters = [Words.PackageIdParameter],
        Request = [new(Answer.Json, NativeJson.Default.LinkFileRequest)],
        Answers = [new(201, "The file; Location names it", new OperationBody(Answer.Json, NativeJson.Default.FileBody))],
        Refusals =
        [
            ErrorCatalogue.ContentUnknown, ErrorCatalogue.BytesMissing, ErrorCatalogue.AddressInvalid, ErrorCatalogue.PathInvalid,
            ErrorCatalogue.PackageUnknown, ErrorCatalogue.PackageNotOpen, ErrorCatalogue.PathTaken,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var body = await JsonBody.Read(http);
        if (!body.Succeeded) return body.Error;
        using var json = body.Value;
        var parsed = Parse(new JsonFields(json.RootElement));
        if (!parsed.Succeeded) return parsed.Error;

        if (RelativePath.TryCreate(parsed.Value.RelativePath, out var path) is { } badPath) return ErrorCatalogue.PathInvalid.With(badPath);
        if (!ContentAddress.TryParse(parsed.Value.ContentAddress, out var address))
            return ErrorCatalogue.AddressInvalid.With("'content_address' is not a content address");
        if (MediaType.TryCreate(parsed.Value.MediaType ?? MediaType.OctetStream.Value, out var mediaType) is { } badType)
            return ErrorCatalogue.RequestMalformed.With($"'media_type': {badType}");

        var linked = await files.Link(new NewFile(caller, id, path!, mediaType!), address, http.RequestAborted);
        return linked.Succeeded ? await Uploads.WriteFile(http, linked.Value) : linked.Error;
    }

    private static Outcome<LinkFileRequest> Parse(JsonFields fields)
    {
        var request = new LinkFileRequest(fields.RequiredText("relative_path"), fields.RequiredText("content_address"), fields.OptionalText("media_type"));
        return fields.Fault() is { } fault ? fault : request;
    }
}
