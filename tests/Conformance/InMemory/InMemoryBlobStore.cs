using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>What all nodes of an in-memory backend share.</summary>
public sealed class InMemoryBlobRoot
{
    internal readonly Lock Gate = new();
    internal readonly SortedDictionary<string, byte[]> Objects = new(StringComparer.Ordinal);
    internal readonly Dictionary<AttemptId, NodeId> Stages = [];
    internal BackendIdentity? Identity;

    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (Gate) return [.. Objects.Keys];
        }
    }

    /// <summary>How often an object came, went or changed.</summary>
    public int Changes { get; private set; }

    public int StageCount
    {
        get
        {
            lock (Gate) return Stages.Count;
        }
    }

    public byte[]? BytesAt(string key)
    {
        lock (Gate) return Objects.GetValueOrDefault(key);
    }

    /// <summary>Whatever an imagined backend does to its objects; null takes one away.</summary>
    public void Overwrite(string key, byte[]? bytes)
    {
        lock (Gate)
        {
            if (bytes is null) Objects.Remove(key);
            else Objects[key] = bytes;
            Changes++;
        }
    }

    internal bool Remove(string key)
    {
        lock (Gate)
        {
            if (!Objects.Remove(key)) return false;
            Changes++;
            return true;
        }
    }
}

/// <summary>A backend without a disk: what the simulation writes to, and what the backend suite proves to be one.</summary>
public sealed class InMemoryBlobStore(BackendId id, InMemoryBlobRoot root, NodeId node) : IBlobStore
{
    /// <summary>A larger body is staged in the root, where a sweep finds it.</summary>
    private const int SmallBytes = 64 * 1024;

    public BackendId Id => id;

    public async Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default)
    {
        // Read by hand: the framework's copying leaves the caller's scheduler, and a simulation loses its thread.
        using var copy = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellation)) > 0) copy.Write(buffer, 0, read);
        var bytes = copy.ToArray();
        var isLarge = bytes.Length > SmallBytes;
        if (isLarge)
        {
            lock (root.Gate) root.Stages.Add(attempt, node);
        }
        return new Staged(this, root, attempt, bytes, isLarge);
    }

    public Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
    {
        Check(key);
        cancellation.ThrowIfCancellationRequested();
        if (staged is not Staged mine || mine.Store != this) throw new ArgumentException("it was staged in another backend", nameof(staged));
        lock (root.Gate)
        {
            if (mine.IsLarge && !root.Stages.ContainsKey(mine.Attempt))
                throw new BlobStoreException(BlobFailure.Unavailable, $"the stage {mine.Attempt} is gone");
            if (root.Objects.TryGetValue(key, out var there) && !there.AsSpan().SequenceEqual(mine.Bytes))
                throw new BlobStoreException(BlobFailure.KeyOccupied, $"other bytes lie at {key}");
            root.Overwrite(key, mine.Bytes);
        }
        return Task.CompletedTask;
    }

    public Task<Stream?> Open(string key, long offset = 0, long? length = null, CancellationToken cancellation = default)
    {
        Check(key);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } wanted) ArgumentOutOfRangeException.ThrowIfNegative(wanted, nameof(length));
        if (root.BytesAt(key) is not { } bytes) return Task.FromResult<Stream?>(null);
        var start = (int)Math.Min(offset, bytes.Length);
        var count = (int)Math.Min(length ?? long.MaxValue, bytes.Length - start);
        return Task.FromResult<Stream?>(new MemoryStream(bytes, start, count, writable: false));
    }

    public Task<long?> Size(string key, CancellationToken cancellation = default)
    {
        Check(key);
        return Task.FromResult<long?>(root.BytesAt(key)?.Length);
    }

    public Task<bool> Delete(string key, CancellationToken cancellation = default)
    {
        Check(key);
        return Task.FromResult(root.Remove(key));
    }

    public async IAsyncEnumerable<BlobListing> List(string? after, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await Task.CompletedTask;
        foreach (var key in root.Keys)
        {
            if (string.CompareOrdinal(key, after) > 0 && root.BytesAt(key) is { } bytes) yield return new(key, bytes.Length);
        }
    }

    public Task<BackendHealth> Health(CancellationToken cancellation = default) => Task.FromResult(new BackendHealth(true, null, null, null));

    public Task<BackendIdentity> Claim(BackendIdentity identity, bool holdsBytes = false, CancellationToken cancellation = default)
    {
        lock (root.Gate)
        {
            if (root.Identity is null && (holdsBytes || root.Objects.Count > 0))
                throw new BlobStoreException(BlobFailure.Foreign, "the root has no identity and is not new");
            root.Identity ??= identity;
            if (root.Identity != identity) throw new BlobStoreException(BlobFailure.Foreign, $"the root belongs to the store {root.Identity.StoreId}");
            return Task.FromResult(root.Identity);
        }
    }

    public async Task<int> SweepStages(
        Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation = default)
    {
        List<AttemptId> found;
        lock (root.Gate) found = [.. root.Stages.Keys];
        var alive = await living(cancellation);
        lock (root.Gate) return found.Count(attempt => root.Stages.TryGetValue(attempt, out var owner) && !alive.Contains(owner) && root.Stages.Remove(attempt));
    }

    private static void Check(string key)
    {
        foreach (var part in key.Split('/'))
        {
            if (part is "" or "." or ".." || part.Any(c => c is < '!' or > '~' or '\\'))
                throw new ArgumentException($"'{key}' is not a key", nameof(key));
        }
    }

    private sealed class Staged(InMemoryBlobStore store, InMemoryBlobRoot root, AttemptId attempt, byte[] bytes, bool isLarge) : IStagedBlob
    {
        public InMemoryBlobStore Store => store;

        public byte[] Bytes => bytes;

        public bool IsLarge => isLarge;

        public AttemptId Attempt => attempt;

        public ContentDigests Digests { get; } = ContentHasher.Hash(bytes);

        public ValueTask DisposeAsync()
        {
            lock (root.Gate) root.Stages.Remove(attempt);
            return ValueTask.CompletedTask;
        }
    }
}
