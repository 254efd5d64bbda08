using System.Security.Cryptography;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Conformance.Blobs;

/// <summary>The small steps that the tests are written in.</summary>
public abstract partial class BlobStoreSuite
{
    protected static readonly BackendIdentity Mine = new(new Guid("0198c0de-0000-7000-8000-000000000001"), 1);

    /// <summary>How many stages, or parts of them, the backend still keeps for this root.</summary>
    protected abstract Task<int> LeftInStaging();

    /// <summary>This test's own node lives, and these.</summary>
    protected Func<CancellationToken, Task<IReadOnlySet<NodeId>>> Living(params NodeId[] others) =>
        _ => Task.FromResult<IReadOnlySet<NodeId>>(new HashSet<NodeId>([_node, .. others]));

    protected static AttemptId NextAttempt() => new(new Guid(RandomNumberGenerator.GetBytes(16)));

    protected Task<IStagedBlob> Stage(byte[] bytes) => Store.Stage(NextAttempt(), new MemoryStream(bytes), bytes.Length);

    protected async Task Put(string key, byte[] bytes, IBlobStore? store = null)
    {
        store ??= Store;
        await using var staged = await store.Stage(NextAttempt(), new MemoryStream(bytes), bytes.Length);
        await store.Promote(staged, key);
    }

    protected async Task<byte[]?> Read(string key, long offset = 0, long? length = null, IBlobStore? store = null)
    {
        await using var stream = await (store ?? Store).Open(key, offset, length);
        if (stream is null) return null;
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    protected async Task<List<string>> Keys(string? after = null)
    {
        var keys = new List<string>();
        await foreach (var listing in Store.List(after)) keys.Add(listing.Key);
        return keys;
    }
}
