using System.Globalization;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults;

/// <summary>
/// kill -9 keeps what the kernel has; a power cut does not. The store runs on a file system in an image file; the image is copied while
/// it is written, which is what a disk would hold at that moment, then mounted and asked for everything that had been answered before the
/// copy.
/// </summary>
[Trait("Needs", "local")]
public class PowerLoss
{
    [Fact]
    public async Task Every_write_answered_before_the_power_went_is_on_the_disk()
    {
        if (Environment.UserName != "root") Assert.Skip("mounting an image needs root");
        using var folder = new TemporaryFolder();
        var image = folder["disk.img"];
        var mount = folder["disk"];
        Directory.CreateDirectory(mount);
        var made = await Execution.Shell($"truncate -s 1G {image} && mkfs.ext4 -q -F {image} && mount -o loop {image} {mount}");
        if (made.ExitCode != 0) Tools.Missing($"no loop device can be mounted here: {made.Errors.Trim()}");
        try
        {
            await using var store = await StoreProcess.Start(Path.Combine(mount, "data").MakeFolder(), deployment: Deployment.Sqlite);
            var load = new WriteLoad(seed: 7);
            string[] packages = [await store.Http.CreatePackage(), await store.Http.CreatePackage()];
            for (var copy = 0; copy < Counts.Of(20); copy++)
            {
                // The load runs until the copy is made and rests while it is checked: the disk must not fill up meanwhile.
                using var stop = new CancellationTokenSource();
                var before = load.Answers.Count;
                var running = load.Run(store.Http, packages, stop.Token);
                await Eventually.True(() => load.Answers.Count > before + 100, "the load goes on");
                var answered = load.Answers.ToArray();
                // A copy of the backing file, never of the mount: what is only in the page cache of the mount is lost, as with a real disk.
                // The store stands still meanwhile, because a copy takes time and a disk that loses power does not.
                var copied = await Execution.Shell(
                    $"kill -STOP {store.Id}; cp --sparse=always {image} {folder["copy.img"]}; kill -CONT {store.Id}");
                Assert.True(copied.ExitCode == 0, copied.ToString());
                await stop.CancelAsync();
                await running;
                await CheckCopy(folder, answered, load);
            }
        }
        finally
        {
            var undone = await Execution.Shell($"umount {mount} || (sleep 1; umount {mount})");
            Assert.True(undone.ExitCode == 0, undone.ToString());
        }
    }

    private static async Task CheckCopy(TemporaryFolder folder, Answered[] answered, WriteLoad load)
    {
        var mount = folder["copy"];
        Directory.CreateDirectory(mount);
        var mounted = await Execution.Shell($"mount -o loop {folder["copy.img"]} {mount}");
        Assert.True(mounted.ExitCode == 0, mounted.ToString());
        try
        {
            await using var store = await StoreProcess.Start(Path.Combine(mount, "data"), deployment: Deployment.Sqlite);
            await WriteLoad.Check(store.Http, answered, load.Asked);
            Assert.Equal(0, await store.Stop());
            var replay = await store.Run("replay", "--json");
            Assert.True(replay.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"{answered.Length} answered; {replay}"));
        }
        finally
        {
            var undone = await Execution.Shell($"umount {mount}");
            Assert.True(undone.ExitCode == 0, undone.ToString());
        }
    }
}
