using ArtifactStore.Grains.Packages;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using FsCheck;
using FsCheck.Fluent;

namespace ArtifactStore.Grains.Tests.Packages;

/// <summary>What holds for every sequence of commands.</summary>
public class PackageLaws
{
    private enum Step
    {
        Push = 0,
        PushAgain = 1,
        Finalize = 2,
        FinalizeStale = 3,
        Forget = 4,
    }

    [Fact]
    public void Folding_the_log_gives_the_header_that_the_views_hold_and_the_grain_describes()
    {
        var runs = Gen.ListOf(Gen.Frequency((6, Gen.Constant(Step.Push)), (2, Gen.Constant(Step.PushAgain)),
            (1, Gen.Constant(Step.FinalizeStale)),
            (1, Gen.Constant(Step.Forget)), (1, Gen.Constant(Step.Finalize)))).ToArbitrary();
        Prop.ForAll(runs, steps => Run(steps).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private static async Task<bool> Run(IEnumerable<Step> steps)
    {
        await using var world = new World();
        var log = new RecordingJournal(world.Journal);
        var node = await world.SeededNode(_ => log);
        var package = await world.Created(node);
        IngestFile? last = null;
        var count = 0;
        foreach (var step in steps)
        {
            var described = (await World.Describe(node, package.Id)).Value!;
            var content = World.Content($"{count % 3}");
            var placement = (await world.Place(node, content)).Value!;
            switch (step)
            {
                case Step.Push:
                    last = world.Ingestion(package.Id, $"{count++}", content, placement);
                    await World.Send(node, last);
                    break;
                case Step.PushAgain when last is not null:
                    await World.Send(node, last);
                    break;
                case Step.Finalize:
                    await World.Send(node, world.Finalization(described, content, placement));
                    break;
                case Step.FinalizeStale:
                    await World.Send(node, world.Finalization(package, content, placement));
                    break;
                case Step.Forget:
                    node = world.Node(between: _ => log);
                    break;
            }
            // What was not used must not keep the next step waiting; what was settled cannot be abandoned.
            if (placement is Placement.Reserved { Reservation: var mine })
            {
                await node.Call<IContentGrain>(
                    ContentKey.Of(World.Tenant, BackendId.Local, content.Blake3), grain => grain.Abandon(mine, "not used"));
            }
        }
        PackageState state = PackageState.Absent.Instance;
        var sequence = 0L;
        foreach (var (append, first) in log.Committed)
        {
            sequence = first;
            foreach (var @event in append.Events)
            {
                if (@event.Stream == StreamId.Of(World.Tenant, package.Id))
                {
                    state = PackageDecider.Evolve(state, @event, append.Actor, sequence);
                }
                sequence++;
            }
        }
        var folded = ((PackageState.Existing)state).View;
        return folded == await world.Views.Package(World.Tenant, package.Id) && folded == (await World.Describe(node, package.Id)).Value;
    }

    private sealed class RecordingJournal(IJournal inner) : IJournal
    {
        private long _last;

        public List<(Append Append, long First)> Committed { get; } = [];

        public long Head => inner.Head;

        public async Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default)
        {
            var results = await inner.Append(appends, cancellation);
            for (var i = 0; i < results.Count; i++)
            {
                // A repeat answers with a sequence that is in the log already.
                if (results[i] is not AppendResult.Committed committed || committed.FirstSequence <= _last) continue;
                Committed.Add((appends[i], committed.FirstSequence));
                _last = committed.LastSequence;
            }
            return results;
        }

        public Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default) =>
            inner.Reserve(request, cancellation);

        public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
            inner.WaitForEvents(after, atMost, cancellation);
    }
}
