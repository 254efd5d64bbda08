using ArtifactStore.Conformance.Time;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Silo.Background;
using ArtifactStore.Silo.Hosting;

namespace ArtifactStore.Silo.Tests.Verification;

/// <summary>The scrub over a real store, with a clock that the test moves.</summary>
public sealed class ScrubTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(30);

    private readonly StoreOfFiles _store = new();
    private readonly ScrubProgress _progress = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Everything_is_read_once_in_a_pass_and_evenly()
    {
        await _store.Fill([.. Enumerable.Range(1, 40)]);
        var time = AtNextPass();
        await using var store = await _store.Open(time);
        var job = Job(store, time);

        await Run(job);
        Assert.Equal((40, 40, 0), (_progress.Report!.Objects, _progress.Report.ObjectsLeft, (int)_progress.Report.Faults));
        Assert.Equal(time.GetUtcNow() + Period, _progress.Report.Deadline);
        var read = new List<int>();
        for (var day = 1; day <= 29; day++)
        {
            // Every hour: a longer pause looks like a lease that was lost.
            for (var step = 0; step < 24 * 60; step++)
            {
                time.Advance(TimeSpan.FromMinutes(1));
                await Run(job);
            }
            read.Add(await Verified(store));
        }
        Assert.InRange(read[0], 1, 2);
        Assert.InRange(read[13], 18, 22);
        Assert.Equal(40, read[^1]);
        Assert.Equal(0, _progress.Report.ObjectsLeft);
        Assert.True(read.Zip(read.Skip(1)).All(pair => pair.Second - pair.First <= 2), string.Join(' ', read));

        time.Advance(TimeSpan.FromDays(1));
        await Run(job);
        Assert.Equal((40, 40, 0), (_progress.Report.Objects, _progress.Report.ObjectsLeft, (int)_progress.Report.ObjectsOverdue));
    }

    [Fact]
    public async Task Who_takes_over_reads_what_is_left_and_a_fault_is_marked()
    {
        await _store.Fill([.. Enumerable.Range(1, 30)]);
        StoreOfFiles.FlipOneByte(_store.Objects()[3]);
        var time = AtNextPass();
        await using var store = await _store.Open(time);
        await Run(Job(store, time));
        time.Advance(TimeSpan.FromDays(14));
        var first = Job(store, time);
        await Run(first);
        time.Advance(TimeSpan.FromSeconds(90));
        await Run(first);
        Assert.Equal(30, _progress.Report!.ObjectsLeft);

        // What is left of the pass is a day: everything must be read within it, by whoever begins now.
        time.Advance(TimeSpan.FromDays(15));
        var second = Job(store, time);
        await Run(second);
        var before = await Verified(store);
        for (var minute = 0; minute < 23 * 60; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Run(second);
        }
        Assert.Equal(0, _progress.Report.ObjectsLeft);
        Assert.Equal((0, 29, 1), (before, await Verified(store), (int)_progress.Report.Faults));
        Assert.Equal(1, (await store.Views.Status()).FailedLocations[BackendId.Local]);
    }

    [Fact]
    public async Task What_a_whole_pass_left_out_is_overdue()
    {
        await _store.Fill(1, 2, 3);
        var time = AtNextPass();
        time.Advance(Period);
        await using var store = await _store.Open(time);
        await Run(Job(store, time));
        Assert.Equal(3, _progress.Report!.ObjectsOverdue);
    }

    private static ManualTime AtNextPass() => new(
        DateTimeOffset.UnixEpoch + Period * (Math.Floor((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch) / Period) + 1));

    private ScrubJob Job(StoreComposition store, TimeProvider time) => new(store.Views, store.Blobs, store.Verifier, _progress, Period, time);

    private static async Task Run(ScrubJob job)
    {
        for (var steps = 0; await job.Step(CancellationToken.None); steps++) Assert.True(steps < 1000, "a step that says for ever that there is more");
    }

    private static async Task<int> Verified(StoreComposition store) =>
        (await store.Views.Events(0, 10_000, ["v1.storage.location_verified"])).Count;
}
