using System.Buffers;
using System.Globalization;
using System.Text;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite.Engine;

/// <summary>A prepared statement. Disposing resets it for its next use and lets its read go; the connection closes it in the end.</summary>
internal sealed class SqliteStatement : IRow, IDisposable
{
    private const int StackTextBytes = 512;

    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _handle;

    // Position of $1, $2, … in SQLite's own numbering, which follows the first appearance in the text.
    private readonly int[] _positions;

    internal SqliteStatement(SqliteConnection connection, sqlite3_stmt handle)
    {
        _connection = connection;
        _handle = handle;
        _positions = new int[raw.sqlite3_bind_parameter_count(handle)];
        for (var i = 0; i < _positions.Length; i++)
        {
            _positions[i] = raw.sqlite3_bind_parameter_index(handle, "$" + (i + 1).ToString(CultureInfo.InvariantCulture));
            if (_positions[i] == 0) throw new InvalidOperationException("parameters must be $1 to $n without gaps");
        }
    }

    public void Bind(ReadOnlySpan<SqlValue> values)
    {
        if (values.Length != _positions.Length)
            throw new InvalidOperationException(
                $"{_positions.Length} parameters, {values.Length} values: {raw.sqlite3_sql(_handle).utf8_to_string()}");
        for (var i = 0; i < values.Length; i++) Bind(_positions[i], in values[i]);
    }

    private void Bind(int position, in SqlValue value) => _connection.Check(value.Kind switch
    {
        _ when value.IsNull => raw.sqlite3_bind_null(_handle, position),
        SqlKind.Integer => raw.sqlite3_bind_int64(_handle, position, value.Integer),
        SqlKind.Text => BindText(position, (string)value.Reference!),
        SqlKind.Blob => BindBlob(position, (byte[])value.Reference!),
        SqlKind.Uuid => BindUuid(position, value.Uuid),
        SqlKind.Digest => BindDigest(position, value.Digest),
        _ => throw new InvalidOperationException($"nothing binds {value.Kind}"),
    });

    private int BindText(int position, string text)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = size > StackTextBytes ? ArrayPool<byte>.Shared.Rent(size) : null;
        var buffer = rented ?? stackalloc byte[StackTextBytes];
        var length = Encoding.UTF8.GetBytes(text, buffer);
        // An empty span would be a null pointer, which SQLite takes for NULL.
        var code = length == 0 ? raw.sqlite3_bind_text(_handle, position, "") : raw.sqlite3_bind_text(_handle, position, buffer[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return code;
    }

    private int BindBlob(int position, byte[] bytes) => bytes.Length == 0
        ? raw.sqlite3_bind_zeroblob(_handle, position, 0)
        : raw.sqlite3_bind_blob(_handle, position, bytes);

    private int BindUuid(int position, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return raw.sqlite3_bind_blob(_handle, position, bytes);
    }

    private int BindDigest(int position, Digest256 value)
    {
        Span<byte> bytes = stackalloc byte[Digest256.Bytes];
        value.CopyTo(bytes);
        return raw.sqlite3_bind_blob(_handle, position, bytes);
    }

    /// <summary>True when there is a row.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code != raw.SQLITE_DONE) _connection.Check(code);
        return false;
    }

    public int Columns => raw.sqlite3_column_count(_handle);

    public string Name(int column) => raw.sqlite3_column_name(_handle, column).utf8_to_string();

    public int Kind(int column) => raw.sqlite3_column_type(_handle, column);

    public bool IsNull(int column) => Kind(column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_handle, column);

    public long? OptionalInt64(int column) => IsNull(column) ? null : Int64(column);

    public int Int32(int column) => checked((int)Int64(column));

    public string Text(int column) => raw.sqlite3_column_text(_handle, column).utf8_to_string() ?? "";

    public string? OptionalText(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_handle, column);

    public byte[] Bytes(int column) => Blob(column).ToArray();

    public Digest256 Digest(int column) => Digest256.FromBytes(Blob(column));

    public Guid Uuid(int column) => new(Blob(column), bigEndian: true);

    public DateTimeOffset Time(int column) => EventTime.FromMicroseconds(Int64(column));

    public DateTimeOffset? OptionalTime(int column) => IsNull(column) ? null : Time(column);

    public void Dispose()
    {
        // The code of a reset repeats the error of the step, which was thrown there.
        raw.sqlite3_reset(_handle);
        raw.sqlite3_clear_bindings(_handle);
    }

    internal void Close() => _handle.Dispose();
}
