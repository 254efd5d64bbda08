using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record PackagePage(IReadOnlyList<PackageBody> Items, string? NextCursor);

public sealed class ListPackages(IViews views) : IOperation
{
    private const int MaxMetadataFilters = 8;

    public static OperationDescription Description { get; } = new(
        "GET", "/packages", "list_packages", "Lists packages, newest first", StoreAction.Read, Words.Package)
    {
        Details = "Filters are combined with and. `metadata.KEY=VALUE` compares a top-level scalar of the metadata; it may be given "
            + "several times.",
        Parameters =
        [
            new("producer", ParameterPlace.Query, "Exactly this producer"),
            new("subject", ParameterPlace.Query, "Exactly this subject"),
            new("retention_class", ParameterPlace.Query, "Exactly this class"),
            new("status", ParameterPlace.Query, "created, finalized, collecting or garbage_collected"),
            new("metadata.KEY", ParameterPlace.Query, "Packages whose metadata has this value under KEY"),
            PageRequest.LimitParameter,
            PageRequest.CursorParameter,
        ],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.PackagePage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var filter = Filter(query);
        var asked = PageRequest.ByNumber(query, Question(filter));
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        var rows = await views.Packages(caller.Tenant, filter, page.After, page.Rows, http.RequestAborted);
        var items = rows.Take(page.Limit).Select(row => PackageBody.Of(row.Package));
        var next = page.Next(rows, row => row.Key, row => row.Package.Metadata.Cbor.Length);
        return await http.WriteJson(new PackagePage([.. items], next), NativeJson.Default.PackagePage);
    }

    private static PackageFilter Filter(QueryFields query)
    {
        PackageStatus? status = null;
        if (query.Text("status") is { } name)
        {
            status = StatusNames.TryParse(name);
            if (status is null)
                query.Refuse($"'status' must be {StatusNames.Created}, {StatusNames.Finalized}, {StatusNames.Collecting} or {StatusNames.GarbageCollected}");
        }
        return new(
            query.Text("producer"),
            query.Text("subject"),
            query.Text("retention_class"),
            status,
            query.Prefixed("metadata.", MaxMetadataFilters));
    }

    private static string Question(PackageFilter filter)
    {
        var metadata = filter.Metadata.SelectMany(pair => new[] { pair.Key, pair.Value });
        return Cursor.Question(
            "packages", [filter.Producer, filter.Subject, filter.RetentionClass, filter.Status?.ToString(), .. metadata]);
    }
}
