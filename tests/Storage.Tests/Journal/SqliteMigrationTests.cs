using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>A store that an earlier program wrote: after the migration its views are what a replay makes of its log.</summary>
public class SqliteMigrationTests
{
    [Fact]
    public async Task A_store_of_schema_4_has_after_its_migration_the_views_that_its_log_says()
    {
        await using var fixture = await SqliteFixture.Create();
        await Write(fixture);
        await fixture.Store.DisposeAsync();
        var earlier = Path.Combine(fixture.Directory, "earlier.db");
        CopyAs(4, fixture.DatabasePath, earlier);

        await using var store = await SqliteFixture.OpenAt(earlier);
        Assert.Equal(4, store.MigratedFrom);
        var report = await store.Maintenance.Replay(null);
        Assert.True(report.Identical);
        Assert.True(report.HighestSequence > 8);
        await fixture.Reopen();
    }

    /// <summary>Everything that such a program could write and that the later schema says more about.</summary>
    private static async Task Write(SqliteFixture fixture)
    {
        var story = new Story();
        var package = story.NewPackageId();
        await fixture.Journal.Append([story.CreatePackage(package)]);
        async Task<Reservation> Reserve() =>
            Assert.IsType<ReserveResult.Granted>(await fixture.Journal.Reserve(story.Reserve(story.NewContent()))).Reservation;
        var first = await Reserve();
        await fixture.Journal.Append([story.SettleAndIngest(package, "a", first), story.Link(package, "b", first.Content)]);
        var hold = new HoldId(story.NextGuid());
        await fixture.Journal.Append([story.Hold(hold, HoldKind.Content, first.Content.Blake3.ToHex())]);
        var view = (await fixture.Views.Package(Story.Tenant, package))!;
        await fixture.Journal.Append([story.SettleAndFinalize(package, view.Version, await Reserve(), view.FileCount, view.TotalBytes)]);
        await fixture.Journal.Append([story.MarkExpired(package, view.ExpiresAt)]);
    }

    /// <summary>The rows of the store in the tables of an earlier schema, which know fewer columns.</summary>
    private static void CopyAs(int schema, string from, string to)
    {
        using var db = SqliteConnection.OpenWriter(to);
        foreach (var (number, name) in new NumberedScripts("Sqlite/Migrations/").All)
        {
            if (number <= schema) db.Execute(NumberedScripts.Read(name));
        }
        db.Execute($"ATTACH '{from}' AS later");
        foreach (var table in Texts(db, "SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name"))
        {
            var known = Texts(db, $"SELECT name FROM pragma_table_info('{table}', 'main')");
            var columns = string.Join(", ", known.Intersect(Texts(db, $"SELECT name FROM pragma_table_info('{table}', 'later')")));
            db.Execute($"DELETE FROM main.{table}; INSERT INTO main.{table} ({columns}) SELECT {columns} FROM later.{table}");
        }
        db.Execute($"UPDATE store SET schema_version = {schema}");
    }

    private static List<string> Texts(SqliteConnection db, string sql)
    {
        var texts = new List<string>();
        using var rows = db.Query(string.Intern(sql));
        while (rows.Step()) texts.Add(rows.Text(0));
        return texts;
    }
}
