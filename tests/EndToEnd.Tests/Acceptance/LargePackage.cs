using System.Diagnostics;
using System.Text;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Silo.Library;

namespace ArtifactStore.EndToEnd.Tests.Acceptance;

/// <summary>A package of 100,000 files works: no file costs more because of those before it, and the manifest lists all.</summary>
public class LargePackage
{
    private const int Sample = 1000;
    private const int AtOnce = 32;

    /// <summary>Far above noise and far below what a cost proportional to the files before would make of it.</summary>
    private const double GenerousFactor = 4;

    private static readonly MediaType Text = MediaType.FromStored("text/plain");

    [Fact]
    public async Task A_package_of_a_hundred_thousand_files_costs_the_same_per_file_and_its_manifest_lists_all()
    {
        var count = Counts.Of(100_000);
        using var folder = new TemporaryFolder();
        var variables = StoreProcess.Variables(folder.Path).ToDictionary(pair => pair.Key, pair => pair.Value!);
        PackageId package;
        await using (var store = await EmbeddedStore.Open(variables))
        {
            var wanted = new NewPackage("large", "tests", "s", "transient", CanonicalDocument.EmptyMap);
            package = Value(await store.CreatePackage("t", wanted)).Id;
            var samples = new List<TimeSpan>();
            for (var from = 0; from < count; from += Sample) samples.Add(await Ingest(store, package, from, from + Sample));
            // The best of three: a busy machine makes any one of them slow, a growing cost makes all of the last ones slow.
            var (early, late) = (samples.Take(3).Min(), samples.TakeLast(3).Min());
            Assert.True(late < early * GenerousFactor, $"{Sample} files took {early} at the start and {late} at the end of {count}");
        }

        // Another run of the process: nothing that the first one remembered may be needed.
        await using (var store = await EmbeddedStore.Open(variables))
        {
            var activation = Stopwatch.StartNew();
            await Ingest(store, package, count, count + 1);
            Assert.True(activation.Elapsed < TimeSpan.FromSeconds(10), $"the first file after a restart took {activation.Elapsed}");
            var finalized = Value(await store.FinalizePackage("t", package));
            Assert.Equal(count + 1, finalized.FileCount);
            await using var manifest = Value(await store.OpenManifest(package));
            using var bytes = new MemoryStream();
            await manifest.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(0, count + 1).Select(Path), PathsOf(bytes.ToArray()));
        }
    }

    private static async Task<TimeSpan> Ingest(EmbeddedStore store, PackageId package, int from, int to)
    {
        var clock = Stopwatch.StartNew();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(from, to - from), parallel, async (i, cancellation) =>
        {
            using var bytes = new MemoryStream(Encoding.UTF8.GetBytes($"content {i}"));
            var path = RelativePath.FromStored(Path(i));
            Value(await store.IngestFile("t", package, path, Text, bytes, cancellation: cancellation));
        });
        return clock.Elapsed;
    }

    /// <summary>Fixed width, so that byte order is the order of the numbers.</summary>
    private static string Path(int i) => $"dir-{i / 1000:000}/file-{i:000000}.txt";

    private static List<string> PathsOf(byte[] manifest)
    {
        var cbor = new System.Formats.Cbor.CborReader(manifest, System.Formats.Cbor.CborConformanceMode.Canonical);
        cbor.ReadStartMap();
        while (cbor.ReadTextString() != "files") cbor.SkipValue();
        cbor.ReadStartArray();
        var paths = new List<string>();
        while (cbor.PeekState() != System.Formats.Cbor.CborReaderState.EndArray)
        {
            for (var left = cbor.ReadStartMap(); left > 0; left--)
            {
                if (cbor.ReadTextString() == "relative_path") paths.Add(cbor.ReadTextString());
                else cbor.SkipValue();
            }
            cbor.ReadEndMap();
        }
        return paths;
    }

    private static T Value<T>(Outcome<T> outcome) =>
        outcome.Succeeded ? outcome.Value : throw new InvalidOperationException(outcome.Error.Detail);
}
