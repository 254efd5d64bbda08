using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>One page of <c>artifactstore recount</c>. The caller asks for the next one.</summary>
public sealed class Recount(IMaintenance maintenance) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/maintenance/recounts", "recount", "Counts a page of rows and compares with the numbers that the store shows",
        StoreAction.Administer, Words.Store)
    {
        Details = "Changes nothing and stops nobody. A drift is a number that its rows contradict (`files`, `bytes`, `left`, `failed_locations`), a "
            + "reference without bytes (`dangling`), or bytes that nothing keeps and nobody will look at (`unkept`). Ask again with `after` = `next` "
            + "until `next` is null.",
        Parameters = [new("after", ParameterPlace.Query, "next of the page before; absent begins")],
        Answers = [new(200, "What was found", new OperationBody(Answer.Json, NativeJson.Default.RecountBody))],
        Refusals = [ErrorCatalogue.DatabaseUnavailable, ErrorCatalogue.RequestMalformed],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        RecountPlace? after = null;
        if (query.Text("after") is { } text)
        {
            after = RecountPlace.Read(text);
            if (after is null) query.Refuse("'after' must be the 'next' of a page");
        }
        if (query.Fault() is { } fault) return fault;
        var page = await maintenance.Recount(after, http.RequestAborted);
        return await http.WriteJson(new RecountBody(page.Next?.ToString(), page.Packages, page.Contents, page.Drifts), NativeJson.Default.RecountBody);
    }
}

public sealed record RecountBody(string? Next, long Packages, long Contents, IReadOnlyList<RecountDrift> Drifts);
