using System.Globalization;
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
            Words.Limit,
            Words.CursorParameter,
        ],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.PackagePage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var filter = Filter(query);
        var limit = query.Number("limit", 1, Words.MaxPage, Words.DefaultPage);
        var cursor = query.Text("cursor");
        if (query.Fault() is { } fault) return fault;
        var question = Question(filter);
        long? before = null;
        if (cursor is not null)
        {
            if (!Cursor.TryDecode(question, cursor, out var position)
                || !long.TryParse(position, CultureInfo.InvariantCulture, out var key))
                return ErrorCatalogue.CursorInvalid.With("the cursor does not belong to this list and these filters");
            before = key;
        }

        // One more than asked for tells whether there is another page; so do pages that ended because of their size.
        var rows = await views.Packages(caller.Tenant, filter, before, limit + 1, http.RequestAborted);
        var items = rows.Take(limit).Select(row => PackageBody.Of(row.Package)).ToList();
        var more = items.Count > 0 && PageLimit.MayContinue(rows, limit + 1, row => row.Package.Metadata.Cbor.Length);
        var next = more ? Cursor.Encode(question, rows[items.Count - 1].Key.ToString(CultureInfo.InvariantCulture)) : null;
        return await http.WriteJson(new PackagePage(items, next), NativeJson.Default.PackagePage);
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
