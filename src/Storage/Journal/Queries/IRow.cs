using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>The row that a query stands on, whatever the database. Columns are counted from 0.</summary>
internal interface IRow
{
    bool IsNull(int column);

    long Int64(int column);

    long? OptionalInt64(int column);

    int Int32(int column);

    string Text(int column);

    string? OptionalText(int column);

    /// <summary>Valid until the next row.</summary>
    ReadOnlySpan<byte> Blob(int column);

    /// <summary>For the caller to keep.</summary>
    byte[] Bytes(int column);

    Digest256 Digest(int column);

    Guid Uuid(int column);

    /// <summary>Microseconds since 1970.</summary>
    DateTimeOffset Time(int column);

    DateTimeOffset? OptionalTime(int column);
}
