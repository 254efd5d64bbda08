using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Postgres;

namespace ArtifactStore.Storage.Tests.Journal;

public sealed class PostgresImportTests : LogImportSuite
{
    private string? _url;

    [Fact]
    public async Task A_database_is_imported_into_by_one_process_and_holds_no_store()
    {
        var target = new ImportTarget(Guid.NewGuid(), 2, 1, default);
        await using (await Open(target))
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => Open(target));
            await Assert.ThrowsAsync<InvalidDataException>(OpenStore);
        }
        await using var again = await Open(target);
        Assert.True(again.Resumed);
    }

    protected override async Task<ILogImport> Open(ImportTarget target) => await PostgresImport.Open(await Options(), target, TimeProvider.System);

    protected override async Task<IJournalFixture> OpenStore() =>
        new Opened(await PostgresStore.Open(await Options(), TimeProvider.System, new TestIds()));

    protected override async ValueTask DisposeDatabase()
    {
        if (_url is not null) await (await PostgresServer.Shared()).Drop(_url);
    }

    private async Task<PostgresOptions> Options() => new() { Url = new(_url ??= await (await PostgresServer.Shared()).NewDatabase()) };

    private sealed class Opened(PostgresStore store) : IJournalFixture
    {
        public IJournal Journal => store.Journal;

        public IViews Views => store.Views;

        public IPlanViews Plans => store.Plans;

        public ICollectionViews Lists => store.Collection;

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
