using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Conformance.Journal;

/// <summary>A fresh, empty store for one test.</summary>
public interface IJournalFixture : IAsyncDisposable
{
    IJournal Journal { get; }

    IViews Views { get; }

    IPlanViews Plans { get; }

    ICollectionViews Lists { get; }
}

/// <summary>What every journal must do, whatever lies beneath it. An adapter's test class says how a fresh one is made.</summary>
public abstract partial class JournalSuite : IAsyncLifetime
{
    private IJournalFixture? _fixture;

    protected abstract Task<IJournalFixture> Create();

    protected Story Story { get; } = new();

    protected IJournal Journal => _fixture!.Journal;

    protected IViews Views => _fixture!.Views;

    protected IPlanViews Plans => _fixture!.Plans;

    protected ICollectionViews Lists => _fixture!.Lists;

    public async ValueTask InitializeAsync() => _fixture = await Create();

    public async ValueTask DisposeAsync()
    {
        if (_fixture is not null) await _fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<AppendResult> Append(Append append) => (await Journal.Append([append]))[0];

    protected async Task<AppendResult.Committed> Commit(Append append) => Assert.IsType<AppendResult.Committed>(await Append(append));

    protected async Task Refuse(int condition, Append append) =>
        Assert.Equal(condition, Assert.IsType<AppendResult.Refused>(await Append(append)).ConditionIndex);

    protected async Task<PackageId> NewPackage(string producer = "ci", string subject = "app", string metadata = "{}")
    {
        var id = Story.NewPackageId();
        await Commit(Story.CreatePackage(id, producer, subject, metadata: metadata));
        return id;
    }

    protected async Task<Reservation> Reserve(ContentDigests content, bool takeOver = false) =>
        Assert.IsType<ReserveResult.Granted>(await Journal.Reserve(Story.Reserve(content, takeOver))).Reservation;

    /// <summary>A content with a live location.</summary>
    protected async Task<ContentDigests> NewLiveContent()
    {
        var content = Story.NewContent();
        await Commit(Story.Settle(await Reserve(content)));
        return content;
    }

    protected async Task<IReadOnlyList<EventRecord>> AllEvents()
    {
        var all = new List<EventRecord>();
        while (true)
        {
            var page = await Views.Events(all.Count, 500, []);
            if (page.Count == 0) return all;
            all.AddRange(page);
        }
    }
}
