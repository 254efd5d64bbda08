using ArtifactStore.Cli.Disk;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Client.Tests;

public sealed class DiskTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("artifactstore-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_walk_is_in_byte_order_of_whole_paths()
    {
        // '-' and '!' sort before '/', 'a' after it; the astral character sorts after U+FF21 in UTF-8, before it in UTF-16.
        string[] paths = ["a!", "a-b", "a/b", "a/b-c", "a/b/c".Replace("b/c", "d/c"), "aa", "\uFF21", "\U0001F600"];
        foreach (var path in paths) Write(path);

        var walked = new DirectoryWalk(_root).Files(Refuse).Select(file => file.Path.Value).ToList();

        var byBytes = paths.OrderBy(path => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(path)), StringComparer.Ordinal);
        Assert.Equal(byBytes, walked);
    }

    [Fact]
    public void A_cached_digest_is_found_by_the_next_run_only_under_the_same_stamp()
    {
        var file = Look(Write("f"));
        var digest = Digest256.FromBytes(Blake3.Hash("f"u8));
        var cache = Open(TimeSpan.FromHours(1));
        cache.Remember(file, digest);
        cache.Save();

        var next = Open(TimeSpan.FromHours(1));
        Assert.Equal(digest, next.Find(file));
        Assert.Null(next.Find(file with { Stamp = file.Stamp with { ChangedNs = file.Stamp.ChangedNs + 1 } }));
        Assert.Null(next.Find(file with { Stamp = file.Stamp with { Inode = file.Stamp.Inode + 1 } }));
    }

    [Fact]
    public void A_file_that_was_written_just_now_is_not_remembered()
    {
        var file = Look(Write("f"));
        var cache = Open(TimeSpan.Zero);
        cache.Remember(file, Digest256.FromBytes(Blake3.Hash("f"u8)));
        cache.Save();

        Assert.Null(Open(TimeSpan.FromHours(1)).Find(file));
    }

    [Fact]
    public void A_damaged_cache_is_empty_never_wrong()
    {
        var file = Look(Write("f"));
        var cache = Open(TimeSpan.FromHours(1));
        cache.Remember(file, Digest256.FromBytes(Blake3.Hash("f"u8)));
        cache.Save();
        var stored = Directory.GetFiles(Path.Combine(_root, "state", "hashes")).Single();
        var bytes = File.ReadAllBytes(stored);
        for (var i = 0; i < bytes.Length; i += 7)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 1;
            File.WriteAllBytes(stored, damaged);
            Assert.Null(Open(TimeSpan.FromHours(1)).Find(file));
        }
    }

    [Fact]
    public void A_pipe_is_not_opened()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("mkfifo is needed");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_root, "pipe")])) mkfifo.WaitForExit();
        RefusedEntry? refused = null;

        Assert.Empty(new DirectoryWalk(_root).Files(entry => refused = entry));

        Assert.Equal(EntryKind.Special, refused!.Kind);
    }

    private HashCache Open(TimeSpan ahead) => HashCache.Open(Path.Combine(_root, "state"), _root, new HastyClock { Ahead = ahead });

    private static DiskFile Look(string full)
    {
        Assert.Null(Interfaces.Ids.RelativePath.TryCreate(Path.GetFileName(full), out var path));
        return new(path!, full, Stat.Of(full)!.Value.Stamp);
    }

    private static void Refuse(RefusedEntry entry) => Assert.Fail(entry.Reason);

    private string Write(string path)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, path);
        return full;
    }
}
