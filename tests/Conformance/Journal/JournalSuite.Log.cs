using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.Journal;

/// <summary>The log: its order, its identity, those who follow it.</summary>
public abstract partial class JournalSuite
{
    [Fact]
    public async Task E01_a_hundred_writers_make_one_gapless_log()
    {
        const int writers = 100;
        const int each = 20;
        var before = Journal.Head;
        var answers = await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var committed = new List<AppendResult.Committed>();
            for (var i = 0; i < each; i++)
            {
                committed.Add(await Commit(Define($"w{writer}")));
                // Refused in between: a refusal must not take a number.
                var stream = ClassStream($"w{writer}");
                await Refuse(0, Story.Append(stream, Definition("x"), new Condition.StreamAt(stream, 999)));
            }
            return committed;
        })));
        var sequences = answers.SelectMany(list => list).Select(committed => committed.FirstSequence).Order().ToList();
        Assert.Equal(Enumerable.Range(1, writers * each).Select(i => before + i), sequences);
        Assert.Equal(before + writers * each, Journal.Head);
        var events = await AllEvents();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Sequence));
        foreach (var stream in events.GroupBy(e => e.Stream))
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(i => (long)i), stream.Select(e => e.StreamVersion));
    }

    [Fact]
    public async Task E02_an_event_reads_back_as_it_was_appended()
    {
        var package = Story.NewPackageId();
        var append = Story.CreatePackage(package, metadata: """{"a": "b"}""");
        var committed = await Commit(append);
        Assert.Equal(2, committed.Count);
        var events = await Views.Events(committed.FirstSequence - 1, 10, []);
        Assert.Equal(["v1.package.created", "v1.retention.default_applied"], events.Select(e => e.Type));
        for (var i = 0; i < events.Count; i++)
        {
            var record = events[i];
            Assert.Equal(committed.FirstSequence + i, record.Sequence);
            Assert.Equal(append.Events[i].Stream, record.Stream);
            Assert.Equal(append.Events[i].Body, EventCodec.Decode(record.Type, record.Payload));
            Assert.Equal(Story.Time, record.Time);
            Assert.Equal(Story.Actor, record.Actor);
            Assert.Equal(append.Id, record.AppendId);
            Assert.Equal(LeafDigest.OfPayload(record.Payload.Span), record.PayloadDigest);
            Assert.Equal(LeafDigest.Of(record), record.LeafDigest);
        }
    }

    [Fact]
    public async Task A_time_finer_than_a_microsecond_is_cut()
    {
        var append = Define("a");
        var fine = append with { Events = [append.Events[0] with { Time = Story.Time.AddTicks(9) }] };
        var committed = await Commit(fine);
        Assert.Equal(Story.Time, (await Views.Events(committed.FirstSequence - 1, 1, []))[0].Time);
    }

    [Fact]
    public async Task The_same_append_twice_writes_once_and_answers_the_same()
    {
        var append = Story.CreatePackage(Story.NewPackageId());
        var first = await Commit(append);
        await Commit(Define("between"));
        var head = Journal.Head;
        Assert.Equal(first, await Commit(append));
        Assert.Equal(head, Journal.Head);
        var other = Story.CreatePackage(Story.NewPackageId());
        var twice = await Journal.Append([other, other]);
        Assert.Equal(twice[0], twice[1]);
        Assert.Equal(head + 2, Journal.Head);
    }

    [Fact]
    public async Task A_repeat_is_recognised_among_many_that_repeat_at_once()
    {
        var append = Story.CreatePackage(Story.NewPackageId());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Commit(append))));
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task A_refused_append_may_be_tried_again_under_its_own_id()
    {
        var package = Story.NewPackageId();
        var content = await NewLiveContent();
        var link = Story.Link(package, "a", content);
        await Refuse(0, link);
        await Commit(Story.CreatePackage(package));
        await Commit(link);
    }

    [Fact]
    public async Task E06_what_a_reader_sees_while_others_write_is_always_a_prefix()
    {
        var writers = Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++) await Journal.Append([Define($"w{writer}"), Define($"w{writer}")]);
        })));
        var seen = new List<long>();
        while (!writers.IsCompleted || seen.Count < Journal.Head)
        {
            var page = await Views.Events(seen.Count, 64, []);
            seen.AddRange(page.Select(e => e.Sequence));
        }
        await writers;
        Assert.Equal(Enumerable.Range(1, (int)Journal.Head).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task An_answered_append_is_in_the_log_and_in_the_views()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            var package = Story.NewPackageId();
            var committed = await Commit(Story.CreatePackage(package));
            Assert.True(Journal.Head >= committed.LastSequence);
            Assert.NotNull(await Views.Package(Story.Tenant, package));
            Assert.Equal(committed.FirstSequence, (await Views.Events(committed.FirstSequence - 1, 1, []))[0].Sequence);
        })));
    }

    [Fact]
    public async Task Events_are_found_by_type_in_their_order()
    {
        await NewPackage();
        await Commit(Define("x"));
        await NewPackage();
        var all = await AllEvents();
        string[] wanted = ["v1.package.created", "v1.retention.default_applied"];
        var expected = all.Where(e => wanted.Contains(e.Type)).Select(e => e.Sequence).ToList();
        Assert.Equal(4, expected.Count);
        Assert.Equal(expected, (await Views.Events(0, 100, wanted)).Select(e => e.Sequence));
        Assert.Equal(expected.Take(3), (await Views.Events(0, 3, wanted)).Select(e => e.Sequence));
        Assert.Equal(expected.Skip(1), (await Views.Events(expected[0], 100, wanted)).Select(e => e.Sequence));
        Assert.Empty(await Views.Events(0, 100, ["v1.file.ingested"]));
    }

    [Fact]
    public async Task Those_who_wait_for_events_wake_with_the_commit()
    {
        var head = Journal.Head;
        var waiters = Enumerable.Range(0, 2_000).Select(_ => Journal.WaitForEvents(head, TimeSpan.FromMinutes(5))).ToList();
        Assert.DoesNotContain(waiters, waiter => waiter.IsCompleted);
        await Commit(Define("x"));
        var woken = await Task.WhenAll(waiters).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.All(woken, seen => Assert.True(seen > head));
    }

    [Fact]
    public async Task Waiting_ends_with_what_is_there_with_the_time_or_with_the_caller()
    {
        var head = Journal.Head;
        Assert.Equal(head, await Journal.WaitForEvents(head - 1, TimeSpan.FromMinutes(5)).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(head, await Journal.WaitForEvents(head, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(head, await Journal.WaitForEvents(head, TimeSpan.Zero));
        using var gone = new CancellationTokenSource();
        var waiter = Journal.WaitForEvents(head, TimeSpan.FromMinutes(5), gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
    }

    [Fact]
    public async Task An_append_without_events_changes_only_working_tables()
    {
        var mine = await Reserve(Story.NewContent());
        var head = Journal.Head;
        var drop = new Append(new(Story.NextGuid()), Story.Tenant, Story.Actor, [], [], [Story.Drop(mine)]);
        Assert.Equal(0, (await Commit(drop)).Count);
        Assert.Equal(head, Journal.Head);
        await Refuse(0, Story.Settle(mine));
    }

    protected Append Define(string slug) => Story.Append(ClassStream(slug), Definition(slug));

    private static StreamId ClassStream(string slug) => new(Story.Tenant, SubjectKind.RetentionClass, slug);

    private static RetentionClassDefined Definition(string slug) => new(slug, 60, "a class of the tests");
}
