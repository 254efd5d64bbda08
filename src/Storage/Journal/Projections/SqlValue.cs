using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Storage.Journal.Projections;

internal enum SqlKind : byte
{
    Null, Integer, Text, Blob, Uuid, Digest,
}

/// <summary>A parameter on its way to a database. No boxing: a hot path binds a dozen of these per event.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct SqlValue
{
    private SqlValue(SqlKind kind, long integer = 0, object? reference = null, Guid uuid = default, Digest256 digest = default)
    {
        Kind = kind;
        Integer = integer;
        Reference = reference;
        Uuid = uuid;
        Digest = digest;
    }

    public SqlKind Kind { get; }

    public long Integer { get; }

    public object? Reference { get; }

    public Guid Uuid { get; }

    public Digest256 Digest { get; }

    public static SqlValue Null => default;

    public static implicit operator SqlValue(long value) => new(SqlKind.Integer, value);

    public static implicit operator SqlValue(long? value) => value is { } known ? new(SqlKind.Integer, known) : default;

    public static implicit operator SqlValue(string? value) => value is null ? default : new(SqlKind.Text, reference: value);

    public static implicit operator SqlValue(byte[]? value) => value is null ? default : new(SqlKind.Blob, reference: value);

    public static implicit operator SqlValue(Guid value) => new(SqlKind.Uuid, uuid: value);

    public static implicit operator SqlValue(Digest256 value) => new(SqlKind.Digest, digest: value);

    public static SqlValue Blob(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : value.ToArray();

    public static SqlValue Time(DateTimeOffset time) => EventTime.ToMicroseconds(time);

    public static SqlValue Time(DateTimeOffset? time) => time is { } known ? EventTime.ToMicroseconds(known) : default(SqlValue);
}

/// <summary>
/// The thin dialect: statements with parameters <c>$1</c>…<c>$n</c>, in words that SQLite and PostgreSQL both understand. A statement is
/// known by its string object, so that an adapter keeps it prepared.
/// </summary>
internal interface IStatements
{
    void Run(string sql, params ReadOnlySpan<SqlValue> values);
}
