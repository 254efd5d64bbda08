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

    private readonly string _packageById = $"SELECT package_key FROM {prefix}artifact_packages WHERE tenant = $1 AND package_id = $2";
    private readonly string _contentByDigest = $"SELECT content_key FROM {prefix}contents WHERE tenant = $1 AND blake3 = $2";
    private readonly Dictionary<PackageRef, long> _packages = [];
    private readonly Dictionary<ContentRef, long> _contents = [];
    private bool _indexed;

    public void PackageCreated(PackageRef package, long sequence)
    {
        if (_packages.Count >= MaxRememberedPackages) _packages.Clear();
        _packages[package] = sequence;
    }

    public long? Package(PackageRef package)
    {
        if (_packages.TryGetValue(package, out var known)) return known;
        if (Find(_packageById, package.Tenant.Value, package.Id.Value) is not { } key) return null;
        PackageCreated(package, key);
        return key;
    }

    public long? Content(ContentRef content)
    {
        if (_contents.TryGetValue(content, out var known)) return known;
        if (!_indexed || Find(_contentByDigest, content.Tenant.Value, content.Blake3) is not { } key) return null;
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
        if (_contents.Count >= maxContents)
        {
            // The key that is about to be remembered has no row yet: it is remembered after the others are forgotten.
            if (!_indexed) db.Execute($"CREATE INDEX {prefix}contents_lookup ON {prefix}contents (tenant, blake3)");
            _indexed = true;
            _contents.Clear();
        }
        _contents[content] = key;
    }

    private long? Find(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var row = db.Query(sql, values);
        return row.Step() ? row.Int64(0) : null;
    }
}
