using System.Security.Cryptography;
using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.Local;

namespace ArtifactStore.Storage.Tests.Blobs;

/// <summary>What only a directory tree can suffer.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LocalBlobStoreFaults : IDisposable
{
    private const string Key = "blake3/ab/cd/abcd";
    private static readonly BackendIdentity Mine = new(new Guid("0198c0de-0000-7000-8000-000000000001"), 1);
    private readonly TemporaryRoot _temporary = new();
    private readonly LocalBlobStore _store;

    public LocalBlobStoreFaults() => _store = new LocalBlobStore(BackendId.Local, _temporary.Root, LocalBlobStoreTests.Here);

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_root_that_vanished_is_reported_and_never_made_again(bool claimed)
    {
        if (claimed) await _store.Claim(Mine);
        await Put(Key, 10);
        await using var small = await Stage(10);
        Directory.Delete(_temporary.Root, recursive: true);

        await IsUnavailable(() => _store.Promote(small, Key + "-2"));
        await IsUnavailable(() => _store.Open(Key));
        await IsUnavailable(() => _store.Size(Key));
        await IsUnavailable(() => _store.Delete(Key));
        await IsUnavailable(() => Stage(300_000));
        await IsUnavailable(() => Keys());
        await IsUnavailable(() => _store.SweepStages(NobodyElse));
        await IsUnavailable(() => _store.Claim(Mine));
        var health = await _store.Health();
        Assert.False(health.Healthy);
        Assert.Contains(_temporary.Root, health.Reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temporary.Root));
    }

    [Fact]
    public async Task An_unmounted_root_is_not_an_empty_store()
    {
        await _store.Claim(Mine);
        await Put(Key, 10);
        // What an unmounted disk leaves: the bare mount point.
        Directory.Delete(_temporary.Root, recursive: true);
        Directory.CreateDirectory(_temporary.Root);

        await IsUnavailable(() => _store.Open(Key));
        await IsUnavailable(() => Put(Key, 10));
        await IsUnavailable(() => Put(Key, 300_000));
        await IsUnavailable(() => _store.Claim(Mine));
        await IsUnavailable(() => Keys());
        Assert.False((await _store.Health()).Healthy);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Root));
    }

    [Fact]
    public async Task A_root_that_cannot_be_made_is_said_so()
    {
        await File.WriteAllTextAsync($"{_temporary.Folder}/file", "in the way");
        var blocked = new LocalBlobStore(BackendId.Local, $"{_temporary.Folder}/file/blobs", LocalBlobStoreTests.Here);
        await IsUnavailable(() => blocked.Open(Key));
        var health = await blocked.Health();
        Assert.Contains($"{_temporary.Folder}/file", health.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_and_directories_are_closed_to_strangers()
    {
        await _store.Claim(Mine);
        await Put(Key, 10);
        await Put(Key + "-large", 300_000);
        const UnixFileMode File640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        const UnixFileMode Folder750 = File640 | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;
        foreach (var path in Directory.EnumerateFiles(_temporary.Root, "*", SearchOption.AllDirectories))
            Assert.Equal(File640, File.GetUnixFileMode(path));
        foreach (var path in Directory.EnumerateDirectories(_temporary.Root, "*", SearchOption.AllDirectories).Append(_temporary.Root))
            Assert.Equal(Folder750, File.GetUnixFileMode(path));
    }

    /// <summary>A version before nodes had directories left its stages beside each other; what is no node's directory is left alone.</summary>
    [Fact]
    public async Task Stages_of_dead_nodes_and_of_earlier_versions_are_swept()
    {
        await _store.Size(Key);
        var dead = $"{_temporary.Root}/staging/{new NodeId(new Guid("0198c0de-0000-7000-8000-00000000dead"))}";
        Directory.CreateDirectory(dead);
        Directory.CreateDirectory($"{_temporary.Root}/staging/notes");
        foreach (var left in new[] { $"{dead}/one", $"{dead}/two", $"{_temporary.Root}/staging/three" })
            await File.WriteAllTextAsync(left, "left by a crash");
        await File.WriteAllTextAsync($"{_temporary.Root}/staging/{LocalBlobStoreTests.Here}/four", "an unlink that failed");

        Assert.Equal(4, await _store.SweepStages(NobodyElse));
        Assert.Equal(0, await _store.SweepStages(NobodyElse));
        Assert.Empty(Directory.EnumerateFiles($"{_temporary.Root}/staging", "*", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists($"{_temporary.Root}/staging/notes"));
    }

    [Fact]
    public async Task An_emptied_staging_directory_and_removed_shards_come_back()
    {
        await _store.Claim(Mine);
        await Put(Key, 10);
        Directory.Delete($"{_temporary.Root}/staging", recursive: true);
        Directory.Delete($"{_temporary.Root}/blake3", recursive: true);
        await Put(Key, 10);
        await Put(Key + "-large", 300_000);
        Assert.Equal([Key, Key + "-large"], await Keys());
    }

    /// <summary>Another node may believe this directory to be durable: a new one of the same name would not be.</summary>
    [Fact]
    public async Task A_root_that_is_shared_keeps_its_emptied_directories()
    {
        var shared = new LocalBlobStore(BackendId.Local, _temporary.Root, new(Guid.NewGuid())) { IsShared = true };
        await Put(Key, 10);
        Assert.True(await shared.Delete(Key));
        Assert.True(Directory.Exists($"{_temporary.Root}/blake3/ab/cd"));
        Assert.Null(await _store.Size(Key));
    }

    [Fact]
    public async Task P05_the_last_object_of_a_shard_takes_its_directories_along()
    {
        await Put(Key, 10);
        await Put("blake3/ab/ce/abce", 10);
        await _store.Delete(Key);
        Assert.False(Directory.Exists($"{_temporary.Root}/blake3/ab/cd"));
        Assert.True(Directory.Exists($"{_temporary.Root}/blake3/ab/ce"));
        await _store.Delete("blake3/ab/ce/abce");
        Assert.False(Directory.Exists($"{_temporary.Root}/blake3"));
    }

    [Theory]
    [InlineData("staging/0123")]
    [InlineData("staging")]
    [InlineData("store.json")]
    [InlineData("lost+found/1")]
    public async Task The_stores_own_names_are_not_keys(string key)
    {
        await _store.Claim(Mine);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _store.Delete(key));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _store.Open(key));
    }

    [Fact]
    public async Task A_link_in_the_tree_leads_nowhere()
    {
        await Put(Key, 10);
        var secret = $"{_temporary.Folder}/secret";
        await File.WriteAllTextAsync(secret, "not yours");
        File.CreateSymbolicLink($"{_temporary.Root}/blake3/ab/cd/link", secret);
        await IsUnavailable(() => _store.Open("blake3/ab/cd/link"));
        Assert.Equal([Key], await Keys());
        await IsUnavailable(() => Put("blake3/ab/cd/link", 10));
        Assert.Equal("not yours", await File.ReadAllTextAsync(secret));
    }

    [Fact]
    public async Task The_lost_and_found_of_a_mount_is_not_in_the_way()
    {
        Directory.CreateDirectory($"{_temporary.Root}/lost+found");
        Assert.Equal(Mine, await _store.Claim(Mine));
        Assert.Empty(await Keys());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("{\"format\":\"artifactstore-blobs/2\",\"store_id\":\"0198c0de-0000-7000-8000-000000000001\",\"incarnation\":1}")]
    public async Task An_identity_that_cannot_be_read_is_refused(string text)
    {
        Directory.CreateDirectory(_temporary.Root);
        await File.WriteAllTextAsync($"{_temporary.Root}/store.json", text);
        var refusal = await Assert.ThrowsAsync<BlobStoreException>(() => _store.Claim(Mine));
        Assert.Equal(BlobFailure.Foreign, refusal.Failure);
        Assert.Equal(text, await File.ReadAllTextAsync($"{_temporary.Root}/store.json"));
    }

    [Fact]
    public async Task An_object_that_was_cut_off_is_not_read_as_if_it_were_whole()
    {
        await Put(Key, 3_000_000);
        await using var reading = (await _store.Open(Key))!;
        using (var file = File.OpenWrite($"{_temporary.Root}/{Key}")) file.SetLength(2_000_000);
        await IsUnavailable(() => reading.CopyToAsync(Stream.Null));
    }

    private static Task<IReadOnlySet<NodeId>> NobodyElse(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlySet<NodeId>>(new HashSet<NodeId> { LocalBlobStoreTests.Here });

    private static async Task IsUnavailable(Func<Task> operation) =>
        Assert.Equal(BlobFailure.Unavailable, (await Assert.ThrowsAsync<BlobStoreException>(operation)).Failure);

    private Task<IStagedBlob> Stage(int size) =>
        _store.Stage(new AttemptId(new Guid(RandomNumberGenerator.GetBytes(16))), new MemoryStream(Sources.Bytes(size)), size);

    private async Task Put(string key, int size)
    {
        await using var staged = await Stage(size);
        await _store.Promote(staged, key);
    }

    private async Task<List<string>> Keys()
    {
        var keys = new List<string>();
        await foreach (var listing in _store.List(null)) keys.Add(listing.Key);
        return keys;
    }
}
