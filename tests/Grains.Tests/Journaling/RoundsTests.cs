using ArtifactStore.Conformance.Time;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Grains.Tests.Journaling;

/// <summary>"A grain decides all commands that wait for it, then appends once" (design §5).</summary>
public class RoundsTests
{
    private static readonly Interfaces.Hashing.ContentDigests Bytes = World.Content("bytes");

    [Fact]
    public async Task What_waits_is_appended_in_one_call_of_a_bounded_size()
    {
        await using var world = new World();
        var faults = new FaultyJournal(world.Journal);
        var node = await world.SeededNode(_ => faults);
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "first", Bytes));
        var live = (await world.Place(node, Bytes)).Value!;
        faults.Rounds.Clear();
        faults.Hold = true;

        var commands = Enumerable.Range(0, 600).Select(i => world.Ingestion(package.Id, $"{i}", Bytes, live)).ToList();
        var answers = new List<Task<Outcome<PackageAnswer>>> { World.Send(node, commands[0]) };
        await Eventually.True(() => faults.Held == 1);
        answers.AddRange(commands.Skip(1).Select(command => World.Send(node, command)));
        Assert.Equal(1, Assert.Single(faults.Rounds));
        // Behind all of them in the mailbox: its answer says that they have arrived.
        Assert.True((await World.Describe(node, package.Id)).Succeeded);
        faults.Release();

        foreach (var answer in await Eventually.In(Task.WhenAll(answers))) World.FileDone(answer);
        const int max = JournaledGrain<PackageState>.MaxRound;
        Assert.Equal([1, max, max, 599 - 2 * max], faults.Rounds);
        Assert.Equal(601, (await World.Describe(node, package.Id)).Value!.FileCount);
    }

    [Fact]
    public async Task Of_one_round_one_wins_a_path()
    {
        await using var world = new World();
        var faults = new FaultyJournal(world.Journal);
        var node = await world.SeededNode(_ => faults);
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "first", Bytes));
        var live = (await world.Place(node, Bytes)).Value!;
        var answers = await Eventually.In(Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => World.Send(node, world.Ingestion(package.Id, "same", Bytes, live))).ToList()));
        Assert.Single(answers, answer => answer.Succeeded);
        Assert.Equal(49, answers.Count(answer => answer.Error?.Code == ErrorCatalogue.PathTaken.Code));
        Assert.Equal(await world.Views.Package(World.Tenant, package.Id), (await World.Describe(node, package.Id)).Value);
    }

    [Fact]
    public async Task A_refusal_that_rested_on_a_refused_append_is_decided_again()
    {
        await using var world = new World();
        var faults = new FaultyJournal(world.Journal);
        var here = await world.SeededNode(_ => faults);
        var there = world.Node();
        var package = await world.Created(here);
        World.FileDone(await world.Push(here, package.Id, "first", Bytes));
        var live = (await world.Place(here, Bytes)).Value!;
        var seen = (await World.Describe(here, package.Id)).Value!;
        var manifest = World.Content("manifest");
        var placement = (await world.Place(here, manifest)).Value!;

        faults.Hold = true;
        var round = World.Send(here, world.Ingestion(package.Id, "holds the round", Bytes, live));
        await Eventually.True(() => faults.Held == 1);
        var current = seen with { Version = seen.Version + 1 };
        var finalize = World.Send(here, world.Finalization(current, manifest, placement));
        var late = World.Send(here, world.Ingestion(package.Id, "late", Bytes, live));
        await World.Describe(here, package.Id);
        // Finalizing is decided on a version that another node has passed: the journal refuses it, so the package is open after all.
        World.FileDone(await World.Send(there, world.Ingestion(package.Id, "there", Bytes, live)));
        faults.Release();

        World.FileDone(await Eventually.In(round));
        Assert.IsType<PackageAnswer.Stale>((await Eventually.In(finalize)).Value);
        World.FileDone(await Eventually.In(late));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_journal_that_is_away_is_an_error_and_the_next_command_goes_on(bool full)
    {
        await using var world = new World();
        var faults = new FaultyJournal(world.Journal);
        var node = await world.SeededNode(_ => faults);
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "first", Bytes));
        var live = (await world.Place(node, Bytes)).Value!;
        faults.Full = full;
        faults.Away = !full;
        var refused = await Eventually.In(World.Send(node, world.Ingestion(package.Id, "a", Bytes, live)));
        World.Refused(full ? ErrorCatalogue.StorageFull : ErrorCatalogue.DatabaseUnavailable, refused.Error);
        faults.Full = faults.Away = false;
        World.FileDone(await Eventually.In(World.Send(node, world.Ingestion(package.Id, "a", Bytes, live))));
    }

    /// <summary>Two activations of one package, everything on one thread in an order that the seed chooses.</summary>
    [Fact]
    public void Two_activations_of_one_package_never_lose_an_answered_write()
    {
        for (var seed = 0; seed < 200; seed++) Interleave(seed);
    }

    private static void Interleave(int seed)
    {
        var world = new World();
        var scheduler = new StepScheduler(seed);
        scheduler.Run(
            async () =>
            {
                var nodes = new[]
                {
                    world.Node(scheduler, inner => new FaultyJournal(inner)), world.Node(scheduler, inner => new FaultyJournal(inner)),
                };
                await World.Seed(nodes[0], world);
                var package = await world.Created(nodes[0]);
                var pushes = Enumerable.Range(0, 24)
                    .Select(i => (Path: $"{i / 2}", Answer: world.Push(nodes[i % 2], package.Id, $"{i / 2}",
                        World.Content($"{i % 3}")))).ToList();
                var finalizing = Finalize(world, nodes[seed % 2], package);
                var answers = await Task.WhenAll(pushes.Select(push => push.Answer));
                var finalized = World.Done(await finalizing);

                var files = await world.Views.Files(World.Tenant, package.Id, null, 1000);
                var answered = pushes.Where((_, i) => answers[i].Succeeded).Select(push => push.Path).Order(StringComparer.Ordinal);
                Assert.Equal(answered, files.Select(file => file.Path.Value));
                Assert.Equal((files.Count, files.Sum(file => file.Content.Size)), (finalized.FileCount, finalized.TotalBytes));
                var view = await world.Views.Package(World.Tenant, package.Id);
                Assert.Equal(view, finalized);
                await world.DisposeAsync();
            },
            stuck: () =>
            {
                world.Time.Advance(TimeSpan.FromMilliseconds(20));
                return true;
            });
    }

    private static async Task<Outcome<PackageAnswer>> Finalize(World world, Interfaces.Hosting.IGrains node, PackageView package)
    {
        var manifest = World.Content("manifest");
        var attempt = new Interfaces.Ids.AttemptId(world.Ids.Next());
        while (true)
        {
            var seen = (await world.Views.Package(World.Tenant, package.Id))!;
            var placement = (await World.Place(node, manifest, attempt)).Value!;
            var answer = await World.Send(node, world.Finalization(seen, manifest, placement));
            if (answer.Value is PackageAnswer.Stale or PackageAnswer.PlaceAgain) continue;
            return answer;
        }
    }
}
