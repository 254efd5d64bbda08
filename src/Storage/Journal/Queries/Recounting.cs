using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>A database that answers what only takes numbers.</summary>
internal interface IRecountedDatabase
{
    Task<IReadOnlyList<T>> All<T>(string sql, Func<IRow, T> read, long[] values, CancellationToken cancellation);
}

/// <summary>Recounts a page; how many files its packages have bounds it, not how many packages.</summary>
internal static class Recounting
{
    private const int PageRows = 1000;
    private const long PageFiles = 50_000;

    public static Task<RecountPage> Page(IRecountedDatabase database, RecountPlace? after, CancellationToken cancellation) =>
        after is { InContents: true } place
            ? Contents(database, place.Key, cancellation)
            : Packages(database, after?.Key ?? 0, cancellation);

    private static async Task<RecountPage> Packages(IRecountedDatabase database, long after, CancellationToken cancellation)
    {
        var rows = await database.All(RecountSql.PackagesAfter, row => (Key: row.Int64(0), Files: row.Int64(1)), [after, PageRows], cancellation);
        var taken = 0;
        var files = 0L;
        while (taken < rows.Count && files < PageFiles) files += rows[taken++].Files;
        if (taken == 0) return new(new(InContents: true, 0), 0, 0, []);
        var upTo = rows[taken - 1].Key;
        var drifts = await database.All(RecountSql.Packages, row => RecountSql.PackageDrifts(row).ToList(), [after, upTo], cancellation);
        return new(new(InContents: false, upTo), taken, 0, [.. drifts.SelectMany(drift => drift)]);
    }

    private static async Task<RecountPage> Contents(IRecountedDatabase database, long after, CancellationToken cancellation)
    {
        var keys = await database.All(RecountSql.ContentsAfter, row => row.Int64(0), [after, PageRows], cancellation);
        if (keys.Count == 0) return new(null, 0, 0, await database.All(RecountSql.Failed, RecountSql.FailedDrift, [], cancellation));
        var dangling = await database.All(RecountSql.Dangling, row => RecountSql.ContentDrift("dangling", row), [after, keys[^1]], cancellation);
        var unkept = await database.All(RecountSql.Unkept, row => RecountSql.ContentDrift("unkept", row), [after, keys[^1]], cancellation);
        return new(new(InContents: true, keys[^1]), 0, keys.Count, [.. dangling, .. unkept]);
    }
}
