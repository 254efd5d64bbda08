namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>One object as a backend holds it; the key is the same in each.</summary>
internal sealed record StoredObject(string Key, long Size, string? File, string? Name)
{
    public Task Delete()
    {
        if (File is null) return BucketOfThisRun.Bucket.Delete(Name!);
        System.IO.File.Delete(File);
        return Task.CompletedTask;
    }

    /// <summary>Other bytes under the same key, as a disk or a bug would leave them.</summary>
    public async Task Overwrite(byte[] bytes)
    {
        if (File is null) await BucketOfThisRun.Bucket.Put(Name!, bytes);
        else await System.IO.File.WriteAllBytesAsync(File, bytes);
    }
}

/// <summary>Looks behind a store into the backends of this run, past the store itself: a directory, a prefix in a bucket, or both.</summary>
internal static class StoredObjects
{
    public static async Task<List<StoredObject>> Of(string data)
    {
        var found = new List<StoredObject>();
        if (Backends.OfThisRun.Local)
        {
            var root = Path.Combine(data, "storage");
            found.AddRange(FilesIn(Path.Combine(root, "blake3")).Select(
                file => new StoredObject(Path.GetRelativePath(root, file), new FileInfo(file).Length, file, null)));
        }
        if (Backends.OfThisRun.S3)
        {
            var prefix = Backends.PrefixOf(data) + "/";
            var objects = await BucketOfThisRun.Bucket.Objects(prefix + "blake3/");
            found.AddRange(objects.Select(stored => new StoredObject(stored.Key[prefix.Length..], stored.Size ?? 0, null, stored.Key)));
        }
        return found;
    }

    /// <summary>The first generation of these bytes, which lie in one backend only.</summary>
    public static async Task<StoredObject> Single(string data, string hex) =>
        Assert.Single(await Of(data), stored => stored.Key.EndsWith("/" + hex, StringComparison.Ordinal));

    /// <summary>Sizes of what attempts have brought in that is not yet, or never will be, an object: files, objects and uploads in parts.</summary>
    public static async Task<List<long>> Staged(string data)
    {
        var staged = FilesIn(Path.Combine(data, "storage", "staging")).Select(file => new FileInfo(file).Length).ToList();
        if (!Backends.OfThisRun.S3) return staged;
        var prefix = Backends.PrefixOf(data) + "/";
        staged.AddRange((await BucketOfThisRun.Bucket.Objects(prefix + ".staging/")).Select(stored => stored.Size ?? 0));
        staged.AddRange(await BucketOfThisRun.Bucket.UploadsInParts(prefix));
        return staged;
    }

    /// <summary>What each backend says about whose bytes these are.</summary>
    public static async Task<List<string>> Identities(string data)
    {
        var found = new List<string>();
        if (Backends.OfThisRun.Local) found.Add(await File.ReadAllTextAsync(Path.Combine(data, "storage", "store.json")));
        if (Backends.OfThisRun.S3) found.Add(await BucketOfThisRun.Bucket.Text(Backends.PrefixOf(data) + "/artifactstore-identity.json"));
        return found;
    }

    /// <summary>No backend was touched on behalf of this store: no directory, no object.</summary>
    public static async Task RequireNothing(string data)
    {
        Assert.False(Directory.Exists(Path.Combine(data, "storage")));
        if (Backends.OfThisRun.S3) Assert.Empty(await BucketOfThisRun.Bucket.Objects(Backends.PrefixOf(data) + "/"));
    }

    private static string[] FilesIn(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
}
