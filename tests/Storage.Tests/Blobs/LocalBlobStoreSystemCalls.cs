using System.Diagnostics;
using System.Security.Cryptography;
using ArtifactStore.Conformance;
using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.Local;

namespace ArtifactStore.Storage.Tests.Blobs;

/// <summary>
/// What cannot be seen from inside: which system calls are made, and what a full disk does. These tests run this same program again,
/// with one of its explicit tests, under a tracer or in a mount namespace of its own.
/// </summary>
public sealed class LocalBlobStoreSystemCalls
{
    private const string RootVariable = "ARTIFACTSTORE_TEST_INSIDE_ROOT";
    private const string Small = "blake3/ab/cd/small", SecondSmall = "blake3/ab/cd/small-2", Large = "blake3/ab/ce/large";

    [Fact]
    public async Task P05_nothing_gets_its_key_before_it_is_durable_nor_is_acknowledged_before_its_directory_is()
    {
        var strace = Tool.Require("strace");
        using var temporary = new TemporaryRoot();
        var trace = $"{temporary.Folder}/trace";
        await Inside(nameof(Inside_three_objects_are_promoted_and_one_deleted), temporary.Root, strace,
            "-f", "-y", "-o", trace, "-e", "trace=openat,open,fsync,fdatasync,link,linkat,unlink,mkdir,rename,renameat,renameat2");

        var root = Path.GetFullPath(temporary.Root);
        var calls = (await File.ReadAllLinesAsync(trace)).Where(line => line.Contains(temporary.Folder, StringComparison.Ordinal)).ToList();
        InOrder(calls,
            $"fsync({root}/staging/{LocalBlobStoreTests.Here}/", $"linkat({root}/{Small}", $"fsync({root}/blake3/ab/cd>",
            $"fsync({root}/staging/{LocalBlobStoreTests.Here}/", $"linkat({root}/{SecondSmall}", $"fsync({root}/blake3/ab/cd>",
            $"fsync({root}/staging/{LocalBlobStoreTests.Here}/", $"link({root}/{Large}", $"fsync({root}/blake3/ab/ce>",
            $"unlink({root}/{Small}", $"fsync({root}/blake3/ab/cd>");
        // The parents of new directories: once each, and not again for the second object of the shard.
        Assert.Equal(2, Count(calls, $"fsync({root}/blake3/ab>"));
        Assert.Equal(1, Count(calls, $"fsync({root}/blake3>"));
        Assert.Equal(1, Count(calls, $"fsync({root}>"));
        Assert.Equal(1, Count(calls, $"fsync({Path.GetDirectoryName(root)}>"));
        Assert.DoesNotContain(calls, line => line.Contains("rename", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_disk_refuses_keeps_nothing_and_works_again_when_there_is_room()
    {
        using var temporary = new TemporaryRoot();
        var mount = $"{temporary.Folder}/small";
        Directory.CreateDirectory(mount);
        var unshare = Tool.Require("unshare");
        await Inside(nameof(Inside_a_disk_fills_up_and_is_freed), $"{mount}/blobs", unshare,
            "-Urm", "sh", "-c", $"mount -t tmpfs -o size=4m tmpfs '{mount}' && exec \"$@\"", "sh");
    }

    [Fact(Explicit = true)]
    public async Task Inside_three_objects_are_promoted_and_one_deleted()
    {
        var store = new LocalBlobStore(BackendId.Local, InsideRoot(), LocalBlobStoreTests.Here);
        await Put(store, Small, 100);
        await Put(store, SecondSmall, 200);
        await Put(store, Large, 300_000);
        await store.Delete(Small);
    }

    [Fact(Explicit = true)]
    public async Task Inside_a_disk_fills_up_and_is_freed()
    {
        var root = InsideRoot();
        var store = new LocalBlobStore(BackendId.Local, root, LocalBlobStoreTests.Here);
        await Put(store, "blake3/00/00/before", 1_000_000);
        Assert.Equal(4 << 20, (await store.Health()).TotalBytes);

        await IsFull(() => Stage(store, 5_000_000, Sources.Bytes(5_000_000)));
        await IsFull(() => Stage(store, null, Sources.Bytes(5_000_000)));
        Assert.Empty(Directory.EnumerateFiles($"{root}/staging", "*", SearchOption.AllDirectories));

        // Now to the last page, so that not even a small body fits.
        var free = (await store.Health()).FreeBytes!.Value;
        await File.WriteAllBytesAsync($"{root}/../filler", new byte[free]);
        await using var small = await Stage(store, 60_000, Sources.Bytes(60_000));
        await IsFull(() => store.Promote(small, "blake3/00/00/small"));
        Assert.Null(await store.Size("blake3/00/00/small"));
        Assert.Empty(Directory.EnumerateFiles($"{root}/staging", "*", SearchOption.AllDirectories));
        Assert.False((await store.Health()).Healthy);

        File.Delete($"{root}/../filler");
        await store.Promote(small, "blake3/00/00/small");
        await Put(store, "blake3/00/00/large", 1_000_000);
        Assert.Equal(1_000_000, await store.Size("blake3/00/00/before"));
        Assert.Equal(60_000, await store.Size("blake3/00/00/small"));
        Assert.True((await store.Health()).Healthy);
    }

    private static string InsideRoot() =>
        Environment.GetEnvironmentVariable(RootVariable)
        ?? throw new InvalidOperationException($"{RootVariable} is set by the test that runs this one.");

    private static async Task Inside(string test, string root, string program, params string[] arguments)
    {
        var assembly = typeof(LocalBlobStoreSystemCalls).Assembly.Location;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { [RootVariable] = root },
        };
        string[] again = ["dotnet", assembly, "-explicit", "only", "-method", $"{typeof(LocalBlobStoreSystemCalls).FullName}.{test}"];
        foreach (var argument in arguments.Concat(again)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        var passed = output.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal);
        Assert.True(passed && process.ExitCode == 0, output);
    }

    /// <summary>Each expected call, written as name(path, is found after the one before it.</summary>
    private static void InOrder(List<string> calls, params string[] expected)
    {
        var from = 0;
        foreach (var call in expected)
        {
            var found = calls.FindIndex(from, line => Is(line, call));
            Assert.True(found >= 0, $"No {call} after line {from} of:\n{string.Join('\n', calls)}");
            from = found + 1;
        }
    }

    private static int Count(List<string> calls, string call) => calls.Count(line => Is(line, call));

    private static bool Is(string line, string call)
    {
        var parenthesis = call.IndexOf('(', StringComparison.Ordinal) + 1;
        var (name, path) = (call[..parenthesis], call[parenthesis..]);
        return line.Contains($" {name}", StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal);
    }

    private static async Task IsFull(Func<Task> operation) =>
        Assert.Equal(BlobFailure.Full, (await Assert.ThrowsAsync<BlobStoreException>(operation)).Failure);

    private static Task<IStagedBlob> Stage(LocalBlobStore store, long? sizeHint, byte[] bytes) =>
        store.Stage(new AttemptId(new Guid(RandomNumberGenerator.GetBytes(16))), new MemoryStream(bytes), sizeHint);

    private static async Task Put(LocalBlobStore store, string key, int size)
    {
        await using var staged = await Stage(store, size, Sources.Bytes(size));
        await store.Promote(staged, key);
    }
}
