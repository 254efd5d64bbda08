using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// The keys of a replay, in bounded memory. Packages: the newest are remembered, the others are a seek in an index that grows at its end.
/// Contents: all are remembered while they are few (digests are random, so an index on them would make the replay three times slower);
/// beyond that bound the index is built once, over what is there, and answers what is not remembered.
/// </summary>
internal sealed class ReplayKeys(SqliteConnection db, string prefix, int maxContents) : IViewKeys
{
    /// <summary>About 150 MB.</summary>
    public const int MaxRememberedContents = 2_000_000;
    private const int MaxRememberedPackages = 100_000;

    private readonly string packageById = $"SELECT package_key FROM {prefix}artifact_packages WHERE tenant = $1 AND package_id = $2";
    private readonly string contentByDigest = $"SELECT content_key FROM {prefix}contents WHERE tenant = $1 AND blake3 = $2";
    private readonly Dictionary<PackageRef, long> packages = [];
    private readonly Dictionary<ContentRef, long> contents = [];
    private bool indexed;

    public void PackageCreated(PackageRef package, long sequence)
    {
        if (packages.Count >= MaxRememberedPackages) packages.Clear();
        packages[package] = sequence;
    }

    public long? Package(PackageRef package)
    {
        if (packages.TryGetValue(package, out var known)) return known;
        if (Find(packageById, package.Tenant.Value, package.Id.Value) is not { } key) return null;
        PackageCreated(package, key);
        return key;
    }

    public long? Content(ContentRef content)
    {
        if (contents.TryGetValue(content, out var known)) return known;
        if (!indexed || Find(contentByDigest, content.Tenant.Value, content.Blake3) is not { } key) return null;
        Remember(content, key);
        return key;
    }

    public long ContentOrNew(ContentRef content, long sequence)
    {
        if (Content(content) is { } key) return key;
        Remember(content, sequence);
        return sequence;
    }

    /// <summary>The real table has an index of its own for this.</summary>
    public void DropIndex() => db.Execute($"DROP INDEX IF EXISTS {prefix}contents_lookup");

    private void Remember(ContentRef content, long key)
    {
        if (contents.Count >= maxContents)
        {
            // The key that is about to be remembered has no row yet: it is remembered after the others are forgotten.
            if (!indexed) db.Execute($"CREATE INDEX {prefix}contents_lookup ON {prefix}contents (tenant, blake3)");
            indexed = true;
            contents.Clear();
        }
        contents[content] = key;
    }

    private long? Find(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var row = db.Query(sql, values);
        return row.Step() ? row.Int64(0) : null;
    }
}
