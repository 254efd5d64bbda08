using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults;

/// <summary>
/// kill -9 at any moment: what was answered is there, what was not is whole or absent, and the views are those of the log.
/// </summary>
public class KilledUnderLoad
{
    [Fact]
    public async Task Nothing_answered_is_lost_and_nothing_is_half_there_over_200_kills()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var random = new Random(seed);
        var load = new WriteLoad(seed);
        var everything = new List<string>();

        for (var round = 0; round < Counts.Of(200); round++)
        {
            string[] packages = [await store.Http.CreatePackage(), await store.Http.CreatePackage()];
            everything.AddRange(packages);
            var running = load.Run(store.Http, packages, CancellationToken.None);
            // The moment of death is the point of this test, so it is drawn, not waited for.
            await Task.Delay(random.Next(5, 600));
            await store.Kill();
            await running;
            await store.StartAgain();
            var latest = load.Answers.Where(a => packages.Contains(a.Package)).ToArray();
            await WriteLoad.Check(store.Http, latest, load.Asked);
        }

        Assert.True(load.Answers.Count > Counts.Of(200), "the load was not answered at all");
        await WriteLoad.Check(store.Http, load.Answers, load.Asked);
        Assert.Equal(0, await store.Stop());

        var replay = await store.Run("replay", "--json");
        Assert.True(replay.ExitCode == 0, replay.ToString());
        Assert.Contains("\"identical\":true", replay.Output.Replace(" ", "", StringComparison.Ordinal));
        // A clean stop leaves no stage behind, whatever the kills before left.
        // Of several nodes the killed ones are dead to the others only after their lifetime, and are swept after that.
        if (!Deployment.OfThisRun.Postgres) Assert.Empty(await StoredObjects.Staged(folder.Path));
    }
}
