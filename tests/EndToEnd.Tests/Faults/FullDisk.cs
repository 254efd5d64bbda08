using System.Net;
using System.Security.Cryptography;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults;

/// <summary>A disk that fills up costs the write at hand and nothing else.</summary>
[Trait("Needs", "local")]
public class FullDisk
{
    [Theory]
    [InlineData("storage")]
    [InlineData("database")]
    public async Task A_full_disk_answers_507_loses_nothing_and_works_again_when_there_is_room(string which)
    {
        if (Environment.UserName != "root") Assert.Skip("mounting a small tmpfs needs root");
        using var folder = new TemporaryFolder();
        var mount = folder["small"].MakeFolder();
        var mounted = await Execution.Shell($"mount -t tmpfs -o size=24m tmpfs {mount}");
        if (mounted.ExitCode != 0) Tools.Missing($"no tmpfs can be mounted here: {mounted.Errors.Trim()}");
        try
        {
            await using var store = await StoreProcess.Start(
                folder["data"].MakeFolder(),
                variables =>
                {
                    if (which == "storage") variables["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = $"{mount}/storage";
                    else variables["ARTIFACTSTORE_DATABASE_URL"] = $"sqlite:///{mount}/artifactstore.db";
                },
                Deployment.Sqlite);
            var package = await store.Http.CreatePackage();
            var kept = await Fill(store, package, $"{mount}/ballast");
            Assert.NotEmpty(kept);
            // A start needs no room: what it would like to write is background work, which is tried again.
            await store.Kill();
            await store.StartAgain();
            await WriteLoad.Check(store.Http, kept, kept.ToDictionary(a => (a.Package, a.Path), a => (a.Sha256, a.Size)));

            File.Delete($"{mount}/ballast");
            await Eventually.True(
                async () =>
                {
                    using var again = await store.Http.PutFile(package, $"again/{Guid.NewGuid():N}", RandomNumberGenerator.GetBytes(2000));
                    return again.StatusCode == HttpStatusCode.Created;
                },
                "writes are taken again once there is room");
            await WriteLoad.Check(store.Http, kept, kept.ToDictionary(a => (a.Package, a.Path), a => (a.Sha256, a.Size)));
            await store.Kill();
            await store.StartAgain();
            await WriteLoad.Check(store.Http, kept, kept.ToDictionary(a => (a.Package, a.Path), a => (a.Sha256, a.Size)));
            Assert.Equal(0, await store.Stop());
            var replay = await store.Run("replay", "--json");
            Assert.True(replay.ExitCode == 0, replay.ToString());
        }
        finally
        {
            var undone = await Execution.Shell($"umount {mount} || (sleep 1; umount {mount})");
            Assert.True(undone.ExitCode == 0, undone.ToString());
        }
    }

    /// <summary>Writes until the disk is full and then some, and returns what was answered.</summary>
    private static async Task<List<Answered>> Fill(StoreProcess store, string package, string ballast)
    {
        var kept = new List<Answered>();
        for (var i = 0; i < 20; i++) await Put(i);
        // The ballast takes nearly all that is left, so that the store itself meets the end of the disk within a few writes.
        var filled = await Execution.Shell($"dd if=/dev/zero of={ballast} bs=64k status=none || true");
        Assert.Equal(0, filled.ExitCode);
        var refusals = 0;
        for (var i = 20; i < 2000 && refusals < 5; i++)
        {
            if (!await Put(i)) refusals++;
        }
        Assert.True(refusals == 5, "the disk was never full");
        return kept;

        async Task<bool> Put(int i)
        {
            var bytes = RandomNumberGenerator.GetBytes(i % 4 == 0 ? 200_000 : 2000);
            using var response = await store.Http.PutFile(package, $"f{i}", bytes);
            if (response.StatusCode == HttpStatusCode.Created)
            {
                kept.Add(new(package, $"f{i}", Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length));
                return true;
            }
            Assert.Equal(HttpStatusCode.InsufficientStorage, response.StatusCode);
            Assert.Equal("storage_full", await response.ErrorCode());
            return false;
        }
    }
}
