using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.Storage.Tests.Journal;

public sealed class SqliteImportTests : LogImportSuite
{
    private readonly string _directory = Directory.CreateTempSubdirectory("import-").FullName;

    private string DatabasePath => Path.Combine(_directory, "store.db");

    [Fact]
    public async Task A_database_is_imported_into_by_one_process_and_by_none_while_it_is_served()
    {
        await using var store = await OpenStore();
        await Assert.ThrowsAsync<StoreInUseException>(() => Open(new(Guid.NewGuid(), 2, 1, default)));
    }

    protected override Task<ILogImport> Open(ImportTarget target)
    {
        try
        {
            return Task.FromResult<ILogImport>(SqliteImport.Open(new SqliteOptions { Path = DatabasePath }, target, TimeProvider.System));
        }
        catch (Exception e)
        {
            return Task.FromException<ILogImport>(e);
        }
    }

    protected override async Task<IJournalFixture> OpenStore() => new Opened(await SqliteFixture.OpenAt(DatabasePath));

    protected override ValueTask DisposeDatabase()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private sealed class Opened(SqliteStore store) : IJournalFixture
    {
        public IJournal Journal => store.Journal;

        public IViews Views => store.Views;

        public IPlanViews Plans => store.Plans;

        public ICollectionViews Lists => store.Collection;

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
