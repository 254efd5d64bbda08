using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;

namespace ArtifactStore.Storage.Journal.Replaying;

/// <summary>Keys that are in the shadow tables. What was applied and not yet written must be written first.</summary>
internal interface IShadowKeys
{
    /// <summary>A seek in an index that is there from the start.</summary>
    long? Package(PackageRef package);

    /// <summary>Only asked once <see cref="IndexContents"/> was called.</summary>
    long? Content(ContentRef content);

    void IndexContents();

    /// <summary>A reference is found by whom it is from, from now on.</summary>
    void IndexReferences();
}

/// <summary>
/// The keys of a replay, in bounded memory. Packages: the newest are remembered, the others are a seek in an index that grows at its end.
/// Contents: all are remembered while they are few (digests are random, so an index on them would make the replay three times slower);
/// beyond that bound the index is built once, over what is there, and answers what is not remembered.
/// </summary>
internal sealed class ReplayKeys(IShadowKeys shadows, int maxContents) : IViewKeys
{
    /// <summary>About 150 MB.</summary>
    public const int MaxRememberedContents = 2_000_000;
    private const int MaxRememberedPackages = 100_000;

    private readonly Dictionary<PackageRef, long> _packages = [];
    private readonly Dictionary<ContentRef, long> _contents = [];
    private bool _indexed;
    private bool _referencesGo;

    public void PackageCreated(PackageRef package, long sequence)
    {
        if (_packages.Count >= MaxRememberedPackages) _packages.Clear();
        _packages[package] = sequence;
    }

    public long? Package(PackageRef package)
    {
        if (_packages.TryGetValue(package, out var known)) return known;
        if (shadows.Package(package) is not { } key) return null;
        PackageCreated(package, key);
        return key;
    }

    public long? Content(ContentRef content)
    {
        if (_contents.TryGetValue(content, out var known)) return known;
        if (!_indexed || shadows.Content(content) is not { } key) return null;
        Remember(content, key);
        return key;
    }

    public long ContentOrNew(ContentRef content, long sequence)
    {
        if (Content(content) is { } key) return key;
        Remember(content, sequence);
        return sequence;
    }

    /// <summary>Most logs have no deletion, or only at their end: until then the index costs nothing.</summary>
    public void ReferencesGo()
    {
        if (!_referencesGo) shadows.IndexReferences();
        _referencesGo = true;
    }

    private void Remember(ContentRef content, long key)
    {
        if (_contents.Count >= maxContents)
        {
            // The key that is about to be remembered has no row yet: it is remembered after the others are forgotten.
            if (!_indexed) shadows.IndexContents();
            _indexed = true;
            _contents.Clear();
        }
        _contents[content] = key;
    }
}
