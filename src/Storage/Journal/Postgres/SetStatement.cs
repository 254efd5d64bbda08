using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ArtifactStore.Storage.Journal.Projections;
using NpgsqlTypes;

namespace ArtifactStore.Storage.Journal.Postgres;

internal enum SetKind
{
    /// <summary>Runs as it is, once.</summary>
    Single,

    /// <summary>A plain insert: many rows go out as one statement, whatever inserts into other tables come between.</summary>
    Insert,

    /// <summary>A plain delete: only those that follow one another without anything between them go out as one.</summary>
    Delete,
}

/// <summary>
/// One text of the thin dialect, and the same for many rows at once: <c>INSERT INTO t (a, b) VALUES ($1, 'x')</c> becomes
/// <c>INSERT INTO t (a, b) SELECT v.v1, 'x' FROM unnest($1::bigint[]) AS v(v1)</c>. Made once per text.
/// </summary>
internal sealed partial class SetStatement
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    // The texts are the program's own: there is nothing to fear from them, and a process that is stopped for a moment must not fail a commit.
    private const int NoTimeout = Timeout.Infinite;

    private SetStatement(SetKind kind, string text, SqlKind[] columns)
    {
        Kind = kind;
        Text = text;
        Columns = columns;
    }

    public SetKind Kind { get; }

    public string Text { get; }

    public SqlKind[] Columns { get; }

    public static SetStatement Of(string sql, ReadOnlySpan<SqlValue> values)
    {
        var columns = new SqlKind[values.Length];
        for (var i = 0; i < columns.Length; i++) columns[i] = values[i].Kind;
        if (columns.Length == 0) return new(SetKind.Single, sql, columns);
        if (PlainInsert().Match(sql) is { Success: true } insert)
        {
            var (head, items) = (insert.Groups["head"].Value, insert.Groups["items"].Value);
            return new(SetKind.Insert, $"{head} SELECT {OfRow(items)} FROM {Rows(columns)}", columns);
        }
        if (PlainDelete().Match(sql) is { Success: true } delete)
            return new(SetKind.Delete, $"{delete.Groups["head"].Value} USING {Rows(columns)} WHERE {OfRow(delete.Groups["where"].Value)}", columns);
        return new(SetKind.Single, sql, columns);
    }

    public static NpgsqlDbType TypeOf(SqlKind kind) => kind switch
    {
        SqlKind.Integer => NpgsqlDbType.Bigint,
        SqlKind.Text => NpgsqlDbType.Text,
        SqlKind.Blob or SqlKind.Digest => NpgsqlDbType.Bytea,
        SqlKind.Uuid => NpgsqlDbType.Uuid,
        _ => throw new InvalidOperationException($"a value of kind {kind} cannot be written"),
    };

    private static string OfRow(string text) => Parameter().Replace(text, match => $"v.v{match.Groups["number"].Value}");

    private static string Rows(SqlKind[] columns)
    {
        var (arrays, names) = (new StringBuilder(), new StringBuilder());
        for (var i = 0; i < columns.Length; i++)
        {
            var comma = i == 0 ? "" : ", ";
            var type = TypeOf(columns[i]).ToString().ToLowerInvariant();
            arrays.Append(CultureInfo.InvariantCulture, $"{comma}${i + 1}::{type}[]");
            names.Append(CultureInfo.InvariantCulture, $"{comma}v{i + 1}");
        }
        return $"unnest({arrays}) AS v({names})";
    }

    [GeneratedRegex(@"^\s*(?<head>INSERT\s+INTO\s+\w+\s*\([^()]*\))\s*VALUES\s*\((?<items>[^()]*)\)\s*$", Options, NoTimeout)]
    private static partial Regex PlainInsert();

    [GeneratedRegex(@"^\s*(?<head>DELETE\s+FROM\s+\w+)\s+WHERE\s+(?<where>\w+ = \$\d+(\s+AND\s+\w+ = \$\d+)*)\s*$", Options, NoTimeout)]
    private static partial Regex PlainDelete();

    [GeneratedRegex(@"\$(?<number>\d+)", Options, NoTimeout)]
    private static partial Regex Parameter();
}
