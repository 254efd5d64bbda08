using System.Globalization;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace ArtifactStore.Gateway.Native;

/// <summary>
/// The log, tailed. <c>next_cursor</c> is <c>incarnation:sequence</c>: after the log was restored from an older copy, a sequence alone
/// could name another event than the one its holder saw, so a cursor of another incarnation is refused.
/// </summary>
public sealed class GetEvents(EventFeed feed, IViews views, IHostApplicationLifetime lifetime) : IOperation
{
    private const int MaxTypes = 32;

    public static OperationDescription Description { get; } = new(
        "GET", "/events", "get_events", "Tails the event log", StoreAction.Read, Words.Event)
    {
        Details = "Answers at once when there are events after `after`, else as soon as one is committed or `wait` is over. "
            + "Pass `next_cursor` as `after` and no event is ever missed. With `types` the waiting goes on until one of them comes.",
        Parameters =
        [
            new("after", ParameterPlace.Query, "A sequence, or next_cursor of the page before; 0 if absent"),
            new("limit", ParameterPlace.Query, $"Events per page, 1 to {PageRequest.MaxLimit}; {PageRequest.DefaultLimit} if absent", Type: "integer"),
            new("wait", ParameterPlace.Query, $"Seconds to wait, 0 to {(int)EventFeed.MaxWait.TotalSeconds}; 0 if absent", Type: "integer"),
            new("types", ParameterPlace.Query, "Comma-separated names, such as v1.package.created; all if absent"),
        ],
        Answers =
        [
            new(200, "A page", new OperationBody(Answer.Cbor), new OperationBody(Answer.Json, NativeJson.Default.EventPageBody)),
        ],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid, ErrorCatalogue.NotAcceptable, ErrorCatalogue.Overloaded],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var afterText = query.Text("after");
        var limit = PageRequest.Limit(query);
        var wait = query.Number("wait", 0, (int)EventFeed.MaxWait.TotalSeconds, 0);
        var types = query.List("types", MaxTypes);
        if (query.Fault() is { } fault) return fault;
        if (Accepts.First(http.Request, Answer.Cbor, Answer.Json) is not { } format)
            return ErrorCatalogue.NotAcceptable.With($"{Answer.Cbor} and {Answer.Json} can be given");
        var store = await views.Status(http.RequestAborted);
        var after = After(afterText, store);
        if (!after.Succeeded) return after.Error;

        var wanted = new EventQuery(after.Value, limit, types, TimeSpan.FromSeconds(wait));
        var page = await feed.Read(wanted, lifetime.ApplicationStopping, http.RequestAborted);
        if (!page.Succeeded) return page.Error;
        var next = $"{store.Incarnation}:{page.Value.Next}";
        http.Response.Headers.CacheControl = "no-store";
        if (format == Answer.Json) return await http.WriteJson(EventPageBody.Of(page.Value, next), NativeJson.Default.EventPageBody);
        await http.WriteBytes(EventPageCbor.Encode(page.Value, next, store), Answer.Cbor);
        return null;
    }

    /// <summary>
    /// A consumer that saw more than there is has seen another life of the log, even if its cursor does not tell: waiting for more would
    /// silently miss what was written since.
    /// </summary>
    private static Outcome<long> After(string? text, StoreStatus store)
    {
        if (text is null) return 0L;
        var colon = text.IndexOf(':');
        var incarnation = store.Incarnation;
        if (!long.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            || (colon >= 0 && !int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out incarnation)))
            return ErrorCatalogue.CursorInvalid.With("'after' is neither a sequence nor next_cursor of a page");
        if (incarnation != store.Incarnation)
            return ErrorCatalogue.CursorInvalid.With(
                $"the log was restored since (incarnation {store.Incarnation}, the cursor has {incarnation}): read it again from after=0");
        if (sequence > store.Head)
            return ErrorCatalogue.CursorInvalid.With(
                $"the log ends at event {store.Head}, before event {sequence}: it was restored from an older copy; read it again from after=0");
        return sequence;
    }
}
