using System.Globalization;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>Which page of a list is asked for, and where the one after it begins.</summary>
/// <param name="Question">The list and its filters (<see cref="Cursor.Question"/>).</param>
/// <param name="Limit">Rows that the caller wants.</param>
/// <param name="After">Position of the last row of the page before; the default begins.</param>
public sealed record PageRequest<T>(string Question, int Limit, T? After)
{
    /// <summary>Rows to read: one more than asked for tells whether there is another page.</summary>
    public int Rows => Limit + 1;

    /// <summary>Null after the last page.</summary>
    /// <param name="rows">What was read.</param>
    /// <param name="position">Where a row stands in the list.</param>
    /// <param name="bytes">For lists whose pages also end because of their size (<see cref="PageLimit"/>).</param>
    public string? Next<TRow>(IReadOnlyList<TRow> rows, Func<TRow, T> position, Func<TRow, int>? bytes = null)
    {
        var shown = Math.Min(rows.Count, Limit);
        return shown > 0 && PageLimit.MayContinue(rows, Rows, bytes ?? (_ => 0))
            ? Cursor.Encode(Question, string.Create(CultureInfo.InvariantCulture, $"{position(rows[shown - 1])}"))
            : null;
    }
}

/// <summary>Takes <c>limit</c> and <c>cursor</c> of a list from its query, and closes the query: take the filters before.</summary>
public static class PageRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    public delegate bool Parser<T>(string text, out T position);

    public static readonly OperationParameter LimitParameter = new(
        "limit", ParameterPlace.Query, $"Items per page, 1 to {MaxLimit}; {DefaultLimit} if absent", Type: "integer");
    public static readonly OperationParameter CursorParameter = new(
        "cursor", ParameterPlace.Query, "next_cursor of the page before, with the same filters");

    public static int Limit(QueryFields query) => query.Number("limit", 1, MaxLimit, DefaultLimit);

    /// <summary>Of a list in the order of a number.</summary>
    public static Outcome<PageRequest<long?>> ByNumber(QueryFields query, string question) =>
        Read<long?>(query, question, (string text, out long? position) =>
        {
            var parsed = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
            position = number;
            return parsed;
        });

    public static Outcome<PageRequest<T>> Read<T>(QueryFields query, string question, Parser<T> parser)
    {
        var limit = Limit(query);
        var cursor = query.Text("cursor");
        if (query.Fault() is { } fault) return fault;
        if (cursor is null) return new PageRequest<T>(question, limit, default);
        return Cursor.TryDecode(question, cursor, out var text) && parser(text, out var position)
            ? new PageRequest<T>(question, limit, position)
            : ErrorCatalogue.CursorInvalid.With("the cursor does not belong to this list and these filters");
    }
}
