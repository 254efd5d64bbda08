using System.Buffers.Binary;
using System.Text;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// What the nodes of one store meet at. Both names come from the schema that the tables lie in, because several stores may share a
/// database, each in a schema of its own; locks and channels are the whole database's.
/// </summary>
internal readonly record struct StoreNames(long LockKey, string Channel)
{
    public const string TakeLock = "SELECT pg_advisory_xact_lock($1)";

    public static StoreNames Of(string schema)
    {
        Span<byte> digest = stackalloc byte[Digest256.Bytes];
        Blake3.Hash(Encoding.UTF8.GetBytes("artifactstore.journal." + schema), digest);
        return new(BinaryPrimitives.ReadInt64BigEndian(digest), "artifactstore_" + Convert.ToHexStringLower(digest[..8]));
    }
}
