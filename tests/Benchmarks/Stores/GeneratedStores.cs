using System.Diagnostics;
using ArtifactStore.Benchmarks.Suite;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Blobs.Local;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.Benchmarks.Stores;

/// <summary>
/// Stores that took long to make, kept between runs under a name that changes with the schema and with <see cref="Version"/>. They are
/// whole as far as the database knows; the objects themselves are missing, only the directories for them are there.
/// </summary>
internal static class GeneratedStores
{
    // Changes when what is generated changes.
    private const int Version = 1;
    private const int BatchAppends = 512;
    private const int BatchesInFlight = 4;
    private const int FilesOfOnePackage = 100_000;

    public const int OneExpiredOf = 1000;

    /// <summary>A folder with a store of many contents, each in one file of a package.</summary>
    public static Task<string> Files(Workbench bench) => Keep(bench, $"files-{bench.Scale.Files}", async (store, ids) =>
    {
        var package = default(PackageId);
        await Fill(store.Journal, bench.Scale.Files, async number =>
        {
            if (number % FilesOfOnePackage != 0) return SyntheticEvents.File(ids, package, number);
            package = new(ids.Next());
            await Commit(store.Journal, [SyntheticEvents.Package(ids, package, number)]);
            return SyntheticEvents.File(ids, package, number);
        });
    });

    /// <summary>A folder with a store of so many empty packages.</summary>
    public static Task<string> Packages(Workbench bench, int count) => Keep(bench, $"packages-{count}", (store, ids) =>
        Fill(store.Journal, count, number => ValueTask.FromResult(SyntheticEvents.Package(ids, new(ids.Next()), number))));

    /// <summary>A folder with a store of many empty packages, of which few have expired.</summary>
    public static Task<string> AgeingPackages(Workbench bench) => Keep(bench, $"ageing-{bench.Scale.Packages}", (store, ids) =>
        Fill(store.Journal, bench.Scale.Packages, number => ValueTask.FromResult(
            SyntheticEvents.Package(ids, new(ids.Next()), number, hasExpired: number % OneExpiredOf == 0))));

    /// <summary>
    /// The database of a store that was made, to be changed. The bytes are not needed, but a store with a history starts only at a root that
    /// says it is its own.
    /// </summary>
    public static string Copy(Workbench bench, string made)
    {
        var folder = bench.NewFolder("copy");
        File.Copy($"{made}/artifactstore.db", $"{folder}/artifactstore.db");
        Directory.CreateDirectory($"{folder}/storage");
        File.Copy($"{made}/storage/store.json", $"{folder}/storage/store.json");
        return folder;
    }

    private static async Task<string> Keep(Workbench bench, string name, Func<SqliteStore, IIds, Task> fill)
    {
        var folder = Path.Combine(bench.Options.Cache ?? Path.Combine(bench.Folder, "made"), $"{name}-{SchemaName()}");
        var complete = Path.Combine(folder, "complete");
        if (File.Exists(complete)) return folder;
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var watch = Stopwatch.StartNew();
        var ids = new RandomIds();
#pragma warning disable RS0030 // this program is its own composition root
        await using (var store = await SqliteStore.Open(new() { Path = $"{folder}/artifactstore.db" }, TimeProvider.System, ids))
#pragma warning restore RS0030
        {
            await fill(store, ids);
            var status = await store.Views.Status();
            await new LocalBlobStore(BackendId.Local, $"{folder}/storage", store.Nodes.Self).Claim(new BackendIdentity(status.StoreId, status.Incarnation));
        }
        MakeDirectories($"{folder}/storage/blake3", bench.Scale.Directories);
        await File.WriteAllTextAsync(complete, "");
        bench.Say(Units.Text($"  made {name} in {watch.Elapsed.TotalSeconds:0.0} s"));
        return folder;
    }

    private static async Task Fill(IJournal journal, int count, Func<int, ValueTask<Append>> next)
    {
        var inFlight = new Queue<Task>();
        for (var number = 0; number < count;)
        {
            var batch = new List<Append>(BatchAppends);
            for (; batch.Count < BatchAppends && number < count; number++) batch.Add(await next(number));
            if (inFlight.Count == BatchesInFlight) await inFlight.Dequeue();
            inFlight.Enqueue(Commit(journal, batch));
        }
        await Task.WhenAll(inFlight);
    }

    private static async Task Commit(IJournal journal, IReadOnlyList<Append> appends)
    {
        var results = await journal.Append(appends);
        if (results.Any(result => result is not AppendResult.Committed)) throw new BenchmarkException("a synthetic append was refused");
    }

    /// <summary>As many as that number of objects would have: a host that watched or walked them would be slow to start.</summary>
    private static void MakeDirectories(string root, int count)
    {
        for (var number = 0; number < count; number++) Directory.CreateDirectory($"{root}/{number >> 8 & 0xff:x2}/{number & 0xff:x2}");
    }

    private static string SchemaName()
    {
        var storage = typeof(SqliteStore).Assembly;
        var hasher = new Blake3();
        hasher.Update([Version]);
        foreach (var script in storage.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            using var stream = storage.GetManifestResourceStream(script)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            hasher.Update(bytes);
        }
        return hasher.Finish().ToHex()[..12];
    }
}

internal sealed class RandomIds : IIds
{
#pragma warning disable RS0030 // this program is its own composition root
    public Guid Next() => Guid.CreateVersion7();
#pragma warning restore RS0030
}
