using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Writes an event as a later version of the store would: well-formed in all but its type.</summary>
internal static class ForeignEvent
{
    public static void Add(string databasePath, string type)
    {
        using var db = SqliteConnection.OpenWriter(databasePath);
        long head;
        using (var row = db.Query("SELECT head_sequence FROM store")) head = row.Step() ? row.Int64(0) : 0;
        var sequence = head + 1;
        var stream = new StreamId(TenantId.Default, SubjectKind.Store, "galaxy");
        byte[] payload = [0xa1, 0x61, 0x78, 0x01];
        var payloadDigest = LeafDigest.OfPayload(payload);
        var leaf = LeafDigest.Of(sequence, DateTimeOffset.UnixEpoch, type, stream, 1, "later", payloadDigest);
        db.Run(
            "INSERT INTO events VALUES ($1, 0, $2, $3, $4, $5, 1, 'later', $6, 1, $7, $8, $9)",
            sequence, type, stream.Tenant.Value, (long)stream.Kind, stream.Id, Guid.CreateVersion7(), payloadDigest, leaf, payload);
        db.Run("UPDATE store SET head_sequence = $1, head_leaf_digest = $2", sequence, leaf);
    }
}
