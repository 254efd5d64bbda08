using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Conformance.Journal;

/// <summary>What every database must do with a log that comes from elsewhere. An adapter's test class says how its one database is opened.</summary>
public abstract class LogImportSuite : IAsyncLifetime
{
    private static readonly Guid StoreId = new("01932f00-0000-7000-8000-0000000000aa");

    private IReadOnlyList<EventRecord> _log = [];

    /// <summary>The database of this test as the place of an import; it is empty in the beginning.</summary>
    protected abstract Task<ILogImport> Open(ImportTarget target);

    /// <summary>The same database as a store.</summary>
    protected abstract Task<IJournalFixture> OpenStore();

    private ImportTarget Target => new(StoreId, 4, _log[^1].Sequence, _log[^1].LeafDigest);

    public async ValueTask InitializeAsync()
    {
        var origin = new InMemoryStore();
        var (journal, views) = (new InMemoryJournal(origin, new ManualTime()), new InMemoryViews(origin));
        await new RandomHistory(11, journal, views).Run(steps: 200);
        _log = await All(views);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return DisposeDatabase();
    }

    protected abstract ValueTask DisposeDatabase();

    [Fact]
    public async Task An_imported_log_is_the_same_log_however_often_it_was_interrupted()
    {
        for (var done = false; !done;)
        {
            await using var import = await Open(Target);
            Assert.Equal(import.Head > 0, import.Resumed);
            var next = _log.Skip((int)import.Head).Take(37).ToList();
            await import.Import(next);
            done = import.Head == Target.HeadSequence;
        }
        await using (var import = await Open(Target))
        {
            Assert.Equal(Target.HeadSequence, (await import.Replay(null)).HighestSequence);
            Assert.True((await import.Replay(null)).Identical);
            await import.Complete();
        }

        await using var store = await OpenStore();
        Assert.Equal(_log.Select(Bytes), (await All(store.Views)).Select(Bytes));
        var status = await store.Views.Status();
        Assert.Equal((StoreId, 4, Target.HeadSequence), (status.StoreId, status.Incarnation, status.Head));
        Assert.Equal(Target.HeadSequence, store.Journal.Head);
    }

    [Fact]
    public async Task An_imported_store_knows_the_appends_of_its_log_and_goes_on_after_them()
    {
        await ImportAll();
        await using var store = await OpenStore();
        var story = new Story(seed: 99);
        foreach (var line in _log.Where(line => line.AppendSize > 0))
        {
            var repeat = story.CreatePackage(story.NewPackageId()) with { Id = line.AppendId };
            Assert.Equal(new AppendResult.Committed(line.Sequence, line.AppendSize), (await store.Journal.Append([repeat]))[0]);
        }
        var fresh = Assert.IsType<AppendResult.Committed>((await store.Journal.Append([story.CreatePackage(story.NewPackageId())]))[0]);
        Assert.Equal(Target.HeadSequence + 1, fresh.FirstSequence);
        var reserved = Assert.IsType<ReserveResult.Granted>(await store.Journal.Reserve(story.Reserve(story.NewContent())));
        Assert.EndsWith("-i4", reserved.Reservation.PhysicalKey);
    }

    [Fact]
    public async Task Nothing_opens_it_as_a_store_before_it_is_complete()
    {
        await using (var import = await Open(Target)) await import.Import([.. _log.Take(10)]);
        await Assert.ThrowsAsync<InvalidDataException>(OpenStore);
        await using (var import = await Open(Target))
        {
            Assert.Equal(10, import.Head);
            await Assert.ThrowsAsync<InvalidDataException>(() => import.Complete());
        }
        await Assert.ThrowsAsync<InvalidDataException>(OpenStore);
    }

    [Fact]
    public async Task Lines_that_do_not_come_next_are_refused_whole()
    {
        await using var import = await Open(Target);
        await Assert.ThrowsAsync<InvalidDataException>(() => import.Import([.. _log.Skip(1).Take(3)]));
        await Assert.ThrowsAsync<InvalidDataException>(() => import.Import([_log[0], _log[2]]));
        await import.Import([.. _log.Take(3)]);
        await Assert.ThrowsAsync<InvalidDataException>(() => import.Import([.. _log.Take(3)]));
        // The same place in a stream twice.
        await Assert.ThrowsAsync<InvalidDataException>(() => import.Import([_log[3], _log[0] with { Sequence = 5 }]));
        Assert.Equal(3, import.Head);
        await import.Import([.. _log.Skip(3).Take(2)]);
        Assert.Equal(5, import.Head);
    }

    [Fact]
    public async Task A_store_and_another_import_are_refused_untouched()
    {
        await using (var import = await Open(Target)) await import.Import([.. _log.Take(5)]);
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(Target with { Incarnation = 5 }));
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(Target with { HeadLeafDigest = default(Digest256) }));
        await ImportAll();
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(Target));
        await using var store = await OpenStore();
        Assert.Equal(Target.HeadSequence, store.Journal.Head);
    }

    private async Task ImportAll()
    {
        await using var import = await Open(Target);
        await import.Import([.. _log.Skip((int)import.Head)]);
        await import.Replay(null);
        await import.Complete();
    }

    private static string Bytes(EventRecord line) => Convert.ToHexStringLower(EventLine.Encode(line));

    private static async Task<IReadOnlyList<EventRecord>> All(IViews views) => await views.Events(0, int.MaxValue, []);
}
