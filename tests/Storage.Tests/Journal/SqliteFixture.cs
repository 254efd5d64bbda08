using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>A SQLite store in a directory of its own.</summary>
internal sealed class SqliteFixture : IJournalFixture
{
    private SqliteFixture(string directory, SqliteStore store)
    {
        Directory = directory;
        Store = store;
    }

    public string Directory { get; }

    public string DatabasePath => Path.Combine(Directory, "store.db");

    public SqliteStore Store { get; private set; }

    public IJournal Journal => Store.Journal;

    public IViews Views => Store.Views;

    public IPlanViews Plans => Store.Plans;

    public ICollectionViews Lists => Store.Collection;

    public static async Task<SqliteFixture> Create(Func<SqliteOptions, SqliteOptions>? change = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("journal-").FullName;
        var options = new SqliteOptions { Path = Path.Combine(directory, "store.db") };
        return new(directory, await SqliteStore.Open(change?.Invoke(options) ?? options, TimeProvider.System, new TestIds()));
    }

    /// <summary>Closes and opens again: another run of the process.</summary>
    public async Task Reopen()
    {
        await Store.DisposeAsync();
        Store = await OpenAt(DatabasePath);
    }

    public static Task<SqliteStore> OpenAt(string path) =>
        SqliteStore.Open(new SqliteOptions { Path = path }, TimeProvider.System, new TestIds());

    /// <summary>The files as a killed process leaves them: nothing is drained, nothing moved into the database.</summary>
    public string CopyAsKilled(string name)
    {
        var copy = Path.Combine(System.IO.Directory.CreateDirectory(Path.Combine(Directory, name)).FullName, "store.db");
        File.Copy(DatabasePath, copy);
        File.Copy(DatabasePath + "-wal", copy + "-wal");
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}

internal sealed class TestIds : IIds
{
    public Guid Next() => Guid.CreateVersion7();
}
