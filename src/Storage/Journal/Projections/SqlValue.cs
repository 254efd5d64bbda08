using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Storage.Journal.Projections;

internal enum SqlKind : byte
{
    None, Integer, Text, Blob, Uuid, Digest,
}

/// <summary>A parameter on its way to a database. No boxing: a hot path binds a dozen of these per event.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct SqlValue
{
    private SqlValue(
        SqlKind kind, long integer = 0, object? reference = null, Guid uuid = default, Digest256 digest = default, bool isNull = false)
    {
        Kind = kind;
        IsNull = isNull;
        Integer = integer;
        Reference = reference;
        Uuid = uuid;
        Digest = digest;
    }

    /// <summary>Known of a NULL too: a database that takes many rows at once has to be told what a column of NULLs is.</summary>
    public SqlKind Kind { get; }

    public bool IsNull { get; }

    public long Integer { get; }

    public object? Reference { get; }

    public Guid Uuid { get; }

    public Digest256 Digest { get; }

    public static implicit operator SqlValue(long value) => new(SqlKind.Integer, value);

    public static implicit operator SqlValue(long? value) => value is { } known ? new(SqlKind.Integer, known) : new(SqlKind.Integer, isNull: true);

    public static implicit operator SqlValue(string? value) => new(SqlKind.Text, reference: value, isNull: value is null);

    public static implicit operator SqlValue(byte[]? value) => new(SqlKind.Blob, reference: value, isNull: value is null);

    public static implicit operator SqlValue(Guid value) => new(SqlKind.Uuid, uuid: value);

    public static implicit operator SqlValue(Digest256 value) => new(SqlKind.Digest, digest: value);

    public static SqlValue Blob(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : value.ToArray();

    public static SqlValue Time(DateTimeOffset time) => EventTime.ToMicroseconds(time);

    public static SqlValue Time(DateTimeOffset? time) => time is { } known ? EventTime.ToMicroseconds(known) : default(long?);
}

/// <summary>
/// The thin dialect: statements with parameters <c>$1</c>…<c>$n</c>, in words that SQLite and PostgreSQL both understand. A statement is
/// known by its string object, so that an adapter keeps it prepared.
/// </summary>
internal interface IStatements
{
    void Run(string sql, params ReadOnlySpan<SqlValue> values);
}
