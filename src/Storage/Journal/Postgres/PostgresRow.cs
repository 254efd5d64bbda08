using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Storage.Journal.Queries;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>The row that a reader of Npgsql stands on.</summary>
internal sealed class PostgresRow(NpgsqlDataReader reader) : IRow
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public long Int64(int column) => reader.GetInt64(column);

    public long? OptionalInt64(int column) => IsNull(column) ? null : Int64(column);

    public int Int32(int column) => checked((int)Int64(column));

    public string Text(int column) => reader.GetString(column);

    public string? OptionalText(int column) => IsNull(column) ? null : Text(column);

    public ReadOnlySpan<byte> Blob(int column) => Bytes(column);

    public byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

    public Digest256 Digest(int column) => Digest256.FromBytes(Bytes(column));

    public Guid Uuid(int column) => reader.GetGuid(column);

    public DateTimeOffset Time(int column) => EventTime.FromMicroseconds(Int64(column));

    public DateTimeOffset? OptionalTime(int column) => IsNull(column) ? null : Time(column);
}
