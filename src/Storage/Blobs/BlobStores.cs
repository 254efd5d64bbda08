using System.Collections.Frozen;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs;

/// <summary>
/// The configured backends. Invariant: every backend that a route can name exists, so that no upload finds out otherwise.
/// </summary>
public sealed class BlobStores : IBlobStores
{
    private readonly FrozenDictionary<BackendId, IBlobStore> _byId;
    private readonly BackendId _byDefault;
    private readonly BlobRoutes _routes;

    /// <exception cref="FormatException">The configuration contradicts itself, said in one sentence.</exception>
    public BlobStores(IReadOnlyCollection<IBlobStore> stores, BackendId byDefault, BlobRoutes routes)
    {
        var twice = stores.CountBy(store => store.Id).FirstOrDefault(pair => pair.Value > 1);
        if (twice.Value > 1) throw new FormatException($"The storage backend '{twice.Key}' is configured twice.");
        All = stores;
        _byId = stores.ToFrozenDictionary(store => store.Id);
        _byDefault = byDefault;
        _routes = routes;
        RequireKnown(byDefault, "The default storage backend");
        foreach (var backend in routes.Backends) RequireKnown(backend, "A storage route leads to a backend that");
    }

    public IReadOnlyCollection<IBlobStore> All { get; }

    /// <exception cref="KeyNotFoundException">The journal names a backend that is no longer configured.</exception>
    public IBlobStore Get(BackendId id) => _byId.TryGetValue(id, out var store)
        ? store
        : throw new KeyNotFoundException($"The storage backend '{id}' is not configured; configured are {Names()}.");

    public BackendId Route(string producer, string retentionClass) => _routes.Find(producer, retentionClass) ?? _byDefault;

    private void RequireKnown(BackendId backend, string who)
    {
        if (!_byId.ContainsKey(backend)) throw new FormatException($"{who} is not configured: '{backend}'. Configured are {Names()}.");
    }

    private string Names() => string.Join(", ", _byId.Keys.Select(id => id.Value).Order(StringComparer.Ordinal));
}
