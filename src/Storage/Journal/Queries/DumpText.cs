using System.Globalization;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>
/// Every row of every view as text, in the order of keys: equal dumps are equal views, whatever database they were taken from. One line a
/// row, values separated by tabs: integers in decimal, texts quoted as in SQL, bytes (uuids too) as <c>x'…'</c>, NULL as itself.
/// </summary>
internal sealed class DumpText(TextWriter output)
{
    // No key has more columns.
    private const int MaxOrderedColumns = 4;

    private bool _lineBegun;

    /// <summary>The columns that put rows in the order of their keys, for ORDER BY.</summary>
    public static string Order(int columns) => string.Join(", ", Enumerable.Range(1, Math.Min(columns, MaxOrderedColumns)));

    public void Table(string name, IEnumerable<string> columns) => output.Write($"-- {name}: {string.Join(' ', columns)}\n");

    public void Null() => Value("NULL");

    public void Integer(long value) => Value(value.ToString(CultureInfo.InvariantCulture));

    public void Text(string value) => Value($"'{value.Replace("'", "''")}'");

    public void Bytes(ReadOnlySpan<byte> value) => Value($"x'{Convert.ToHexStringLower(value)}'");

    public void EndRow()
    {
        output.Write('\n');
        _lineBegun = false;
    }

    private void Value(string text)
    {
        if (_lineBegun) output.Write('\t');
        output.Write(text);
        _lineBegun = true;
    }
}
