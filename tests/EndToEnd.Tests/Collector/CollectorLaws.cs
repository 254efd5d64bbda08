using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Collector;

/// <summary>What must be so, asked from outside: by command, from the log, and by looking behind the store into its backend.</summary>
/// <param name="store">The store that is asked.</param>
/// <param name="backend">The only one that it has.</param>
/// <param name="objects">Names of the objects that lie there.</param>
internal sealed class CollectorLaws(StoreProcess store, string backend, Func<Task<IReadOnlyList<string>>> objects)
{
    public CollectionHistory History { get; } = new();

    /// <summary>0 dangling, 0 drift: every number is what its rows say, every reference has bytes and all bytes are kept. At any moment.</summary>
    public async Task NoDrift()
    {
        var counted = await store.Run("recount", "--json");
        Assert.True(counted.ExitCode == 0, counted.ToString());
    }

    /// <summary>What a killed upload left may be found, and is deleted; that something came back after its deletion may not be.</summary>
    public async Task NothingLeftBehind()
    {
        var seen = await Scan();
        Assert.DoesNotContain(seen.GetProperty("findings").EnumerateArray(), found => found.GetProperty("kind").GetString() == "left_behind");
        await Scan("--delete");
        Assert.Equal(0, (await Scan()).GetProperty("orphans").GetInt64());
    }

    /// <summary>
    /// Once the last package is deleted or has expired: each is collected, each copy that ever was is condemned and deleted, as its events say
    /// and as the backend shows, and the log gives the same views.
    /// </summary>
    public async Task EverythingIsGone()
    {
        await Eventually.True(CollectedAll, "every package is collected", seconds: 180);
        if ((await objects()).Count > 0 || History.Condemned.Count > History.Deleted.Count) await GiveUpUploadsOfTheDead();
        await NothingLeftBehind();
        await Eventually.True(
            async () =>
            {
                await CollectedAll();
                return (await objects()).Count == 0 && History.Deleted.SetEquals(History.Condemned);
            },
            "every condemned byte is gone");
        Assert.Superset(History.Settled, History.Condemned);
        await NoDrift();
        var replayed = await store.Run("replay", "--json");
        Assert.True(replayed.ExitCode == 0, replayed.ToString());
        Assert.True(JsonSerializer.Deserialize<JsonElement>(replayed.Output).GetProperty("identical").GetBoolean(), replayed.Output);
    }

    private async Task<bool> CollectedAll()
    {
        await store.Http.PostAsync("/retention/sweeps", null).Done();
        await store.Http.PostAsync("/retention/collections?seconds=30", null).Done();
        await History.Read(store.Http);
        return History.Created.SetEquals(History.Collected);
    }

    /// <summary>An upload that a kill cut off is given up when its node is known to be dead; nodes look for such when they start.</summary>
    private async Task GiveUpUploadsOfTheDead()
    {
        await Eventually.True(
            async () => (await store.Http.Json("/health")).GetProperty("nodes").GetProperty("living").GetInt32() == store.Nodes,
            "the dead are known to be dead");
        Assert.Equal(0, await store.Stop());
        await store.StartAgain();
    }

    private async Task<JsonElement> Scan(params string[] more)
    {
        var run = await store.Run(["storage", "scan", "--backend", backend, "--json", .. more]);
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonSerializer.Deserialize<JsonElement>(run.Output);
    }
}

internal static class Answers
{
    public static async Task Done(this Task<HttpResponseMessage> asked)
    {
        using var response = await asked;
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
