using System.Text.Json;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record LinkFileRequest(string RelativePath, string ContentAddress, string? MediaType);

public sealed record LinkFilesRequest(IReadOnlyList<LinkFileRequest> Items);

public sealed record LinkProblem(string Code, string Title, int Status, string Detail, string Help);

/// <param name="Status">linked or refused.</param>
public sealed record LinkResult(string RelativePath, string Status, FileBody? File, LinkProblem? Error);

public sealed record LinkPage(IReadOnlyList<LinkResult> Items);

/// <summary>
/// One link, or many that stand or fall each on its own: pushing an unchanged directory again is one call per thousand files.
/// </summary>
public sealed class LinkFile(FileIngest files) : IOperation
{
    public const int MaxItems = 1000;

    /// <summary>So many links of one call wait for the journal together; they share its batches.</summary>
    private const int AtOnce = 256;

    public static OperationDescription Description { get; } = new(
        "POST", "/packages/{id}/files:link", "link_file", "Adds files from bytes that the store has", StoreAction.Write, Words.Package)
    {
        Details = "Only contents that the caller may read can be linked: knowing an address grants nothing. The body is one link, answered "
            + $"with 201 and the file, or {{\"items\": [...]}} with at most {MaxItems} links, answered with 200 and a result for each, "
            + "in order.",
        Parameters = [Words.PackageIdParameter],
        Request = [new(Answer.Json, NativeJson.Default.LinkFileRequest)],
        Answers =
        [
            new(200, "What became of each link", new OperationBody(Answer.Json, NativeJson.Default.LinkPage)),
            new(201, "The file; Location names it", new OperationBody(Answer.Json, NativeJson.Default.FileBody)),
        ],
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
        var many = json.RootElement.TryGetProperty("items", out _);
        var parsed = many ? ParseMany(new JsonFields(json.RootElement)) : ParseOne(json.RootElement);
        if (!parsed.Succeeded) return parsed.Error;
        var package = await files.ExpectOpen(caller, id, http.RequestAborted);
        if (!package.Succeeded) return package.Error;
        if (many) return await LinkAll(http, caller, package.Value, parsed.Value);

        var linked = await Link(caller, package.Value, parsed.Value[0], http.RequestAborted);
        return linked.Succeeded ? await Uploads.WriteFile(http, linked.Value) : linked.Error;
    }

    private async Task<Error?> LinkAll(HttpContext http, Principal caller, PackageView package, IReadOnlyList<LinkFileRequest> links)
    {
        var results = new LinkResult[links.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = http.RequestAborted };
        await Parallel.ForAsync(0, links.Count, options, async (at, cancellation) =>
        {
            var linked = await Link(caller, package, links[at], cancellation);
            results[at] = linked.Succeeded
                ? new(links[at].RelativePath, "linked", FileBody.Of(linked.Value), null)
                : new(links[at].RelativePath, "refused", null, ProblemOf(linked.Error));
        });
        return await http.WriteJson(new LinkPage(results), NativeJson.Default.LinkPage);
    }

    private async Task<Outcome<FileView>> Link(Principal caller, PackageView package, LinkFileRequest link, CancellationToken cancellation)
    {
        if (RelativePath.TryCreate(link.RelativePath, out var path) is { } badPath) return ErrorCatalogue.PathInvalid.With(badPath);
        if (!ContentAddress.TryParse(link.ContentAddress, out var address))
            return ErrorCatalogue.AddressInvalid.With("'content_address' is not a content address");
        if (MediaType.TryCreate(link.MediaType ?? MediaType.OctetStream.Value, out var mediaType) is { } badType)
            return ErrorCatalogue.RequestMalformed.With($"'media_type': {badType}");
        return await files.Link(new NewFile(caller, package.Id, path!, mediaType!), package, address, cancellation);
    }

    private static Outcome<IReadOnlyList<LinkFileRequest>> ParseMany(JsonFields fields)
    {
        var items = fields.OptionalObjects("items", MaxItems) ?? [];
        if (fields.Fault() is { } fault) return fault;
        var links = new List<LinkFileRequest>(items.Count);
        foreach (var item in items)
        {
            var one = ParseOne(item);
            if (!one.Succeeded) return one.Error;
            links.AddRange(one.Value);
        }
        return links;
    }

    private static Outcome<IReadOnlyList<LinkFileRequest>> ParseOne(JsonElement item)
    {
        var fields = new JsonFields(item);
        var link = new LinkFileRequest(
            fields.RequiredText("relative_path"), fields.RequiredText("content_address"), fields.OptionalText("media_type"));
        if (fields.Fault() is { } fault) return fault;
        return new[] { link };
    }

    private static LinkProblem ProblemOf(Error error) =>
        new(error.Code, error.Kind.Title, error.Kind.Status, error.Detail, error.Kind.Help);
}
