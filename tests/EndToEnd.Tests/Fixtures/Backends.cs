using ArtifactStore.EndToEnd.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(BucketOfThisRun))]

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>
/// Where the stores of the suite keep their bytes. The tests are the same on each and only settings differ;
/// <c>ARTIFACTSTORE_TEST_BACKENDS</c> says which this run is about: <c>local</c> (also when it is not set), <c>s3</c> or <c>both</c>. A test
/// about the local disk itself has the trait <c>Needs=local</c>; one that names its backends itself means those on every run.
/// </summary>
internal sealed record Backends(string Name, bool Local, bool S3)
{
    /// <summary>
    /// With both, the default is s3 and two wildcards lead to local: every other package of a test (<see cref="StoreApi.CreatePackage"/>), and
    /// what is pushed by command or library as raw evidence.
    /// </summary>
    private const string Routes = "peers:*=local,*:raw-evidence=local";

    /// <summary>The smallest part there is: bodies of tests shall go in by every way, the small ones in one put and the large ones in parts.</summary>
    private const string PartBytes = "5242880";

    public static readonly Backends OfThisRun = Environment.GetEnvironmentVariable("ARTIFACTSTORE_TEST_BACKENDS") switch
    {
        null or "" or "local" => new("local", Local: true, S3: false),
        "s3" => new("s3", Local: false, S3: true),
        "both" => new("both", Local: true, S3: true),
        var name => throw new InvalidOperationException($"ARTIFACTSTORE_TEST_BACKENDS is '{name}'; local, s3 and both are known"),
    };

    public void Configure(Dictionary<string, string?> variables, string data)
    {
        variables["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = $"{data}/storage";
        if (!S3) return;
        BucketOfThisRun.Bucket.Configure(variables, PrefixOf(data));
        variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = Local ? "local,s3" : "s3";
        variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = "s3";
        if (Local) variables["ARTIFACTSTORE_STORAGE_BACKEND_ROUTES"] = Routes;
        variables["ARTIFACTSTORE_S3_MULTIPART_THRESHOLD_BYTES"] = PartBytes;
        variables["ARTIFACTSTORE_S3_MULTIPART_CHUNK_BYTES"] = PartBytes;
    }

    /// <summary>A store is known by its folder: what is started on the same folder again finds the same bytes.</summary>
    public static string PrefixOf(string data) => data.Trim('/').Replace(' ', '-');
}

/// <summary>One bucket for all stores of this run, made before the first test when any test needs it.</summary>
public sealed class BucketOfThisRun : IAsyncLifetime
{
    private static RgwBucket? _bucket;

    internal static RgwBucket Bucket => _bucket ?? throw new InvalidOperationException("this run has no bucket");

    public async ValueTask InitializeAsync()
    {
        if (Backends.OfThisRun.S3) _bucket = await RgwBucket.Create();
    }

    public async ValueTask DisposeAsync()
    {
        if (_bucket is not null) await _bucket.DisposeAsync();
    }
}
