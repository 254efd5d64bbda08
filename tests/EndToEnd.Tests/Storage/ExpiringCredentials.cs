using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Storage;

/// <summary>Credentials end while <c>artifactstore storage verify</c> reads: a proxy before a real Ceph RGW calls them expired from then on.</summary>
public sealed partial class ExpiringCredentials : IAsyncLifetime
{
    private const int Objects = 300;
    private const int PageLocations = 256;

    private readonly TemporaryFolder _folder = new();
    private readonly string _rotated = $"rotated-{Guid.NewGuid():N}";
    private RgwBucket _bucket = null!;
    private FaultProxy _proxy = null!;
    private int _read;
    private int _refused;

    public async ValueTask InitializeAsync()
    {
        _bucket = await RgwBucket.Create();
        _proxy = new FaultProxy(_bucket.Server.Endpoint);
        await _bucket.Server.Admin("key", "create", "--uid=main", $"--access-key={_rotated}", "--secret=rotated-secret");
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null) await _proxy.DisposeAsync();
        if (_bucket is not null) await _bucket.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task C24_K09_verify_goes_on_when_the_files_are_replaced_and_everything_is_verified()
    {
        var (access, secret) = (_folder["access"], _folder["secret"]);
        await File.WriteAllTextAsync(access, RgwServer.AccessKey);
        await File.WriteAllTextAsync(secret, RgwServer.SecretKey);
        await using var store = await Start($"file:{access}", $"file:{secret}");
        await Push(store);
        ExpireFromObject(100);

        var verifying = store.Run("storage", "verify", "--backend", "s3", "--json");
        // More than what is asked a second time at once: whoever rotates is late.
        await Eventually.True(() => Volatile.Read(ref _refused) > 10, "the keys have expired");
        Assert.False(verifying.IsCompleted);
        await File.WriteAllTextAsync(access, _rotated);
        await File.WriteAllTextAsync(secret, "rotated-secret");

        var verified = await verifying;
        Assert.True(verified.ExitCode == 0, verified.ToString());
        Assert.Equal((Objects, 0), Counts(verified));
        Assert.Equal("ok", (await store.Http.Json("/health")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task C24_K09_without_other_keys_verify_stops_with_a_sentence_and_is_continued_when_there_are_some()
    {
        await using (var store = await Start("env:KEPT_ACCESS", "env:KEPT_SECRET"))
        {
            await Push(store);
            ExpireFromObject(PageLocations + 10);
            var stopped = await store.Run("storage", "verify", "--backend", "s3", "--json");
            Assert.Equal(1, stopped.ExitCode);
            Assert.Contains("the credentials have expired: renew what ARTIFACTSTORE_S3_SESSION_TOKEN_REF and its two keys name.", stopped.Errors);
            Assert.DoesNotContain("   at ", stopped.Errors);
            Assert.Equal((PageLocations, 0), Counts(stopped));
            await store.Stop();
            await File.WriteAllTextAsync(_folder["said"], stopped.Errors);
        }
        await using var again = await Start("env:KEPT_ACCESS", "env:KEPT_SECRET", _rotated, "rotated-secret");
        var after = Continue().Match(await File.ReadAllTextAsync(_folder["said"])).Groups["key"].Value;
        var rest = await again.Run("storage", "verify", "--backend", "s3", "--json", "--after", after);
        Assert.True(rest.ExitCode == 0, rest.ToString());
        Assert.Equal((Objects - PageLocations, 0), Counts(rest));
        var backend = Assert.Single((await again.Http.Json("/health")).GetProperty("backends").EnumerateArray());
        Assert.Equal(0, backend.GetProperty("failed_locations").GetInt32());
    }

    private Task<StoreProcess> Start(string access, string secret, string keptAccess = RgwServer.AccessKey, string keptSecret = RgwServer.SecretKey) =>
        StoreProcess.Start(
            _folder["data"].MakeFolder(),
            variables =>
            {
                _bucket.Configure(variables);
                variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "s3";
                variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = "s3";
                variables["ARTIFACTSTORE_S3_ENDPOINT_URL"] = _proxy.Endpoint.ToString();
                variables["ARTIFACTSTORE_S3_ACCESS_KEY_REF"] = access;
                variables["ARTIFACTSTORE_S3_SECRET_KEY_REF"] = secret;
                variables["KEPT_ACCESS"] = keptAccess;
                variables["KEPT_SECRET"] = keptSecret;
                // The only one who reads shall be the verification.
                variables["ARTIFACTSTORE_SCRUB_DAYS"] = "0";
            },
            Deployment.Sqlite);

    private static async Task Push(StoreProcess store)
    {
        var package = await store.Http.CreatePackage();
        await Parallel.ForEachAsync(Enumerable.Range(0, Objects), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, cancellation) =>
        {
            using var stored = await store.Http.PutFile(package, $"f{number}", BitConverter.GetBytes(number), cancellation);
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        });
    }

    /// <summary>The first keys are good for so many objects, and for nothing after that.</summary>
    private void ExpireFromObject(int count) => _proxy.Rule = request =>
    {
        if (!request.Headers["authorization"].Contains($"Credential={RgwServer.AccessKey}/", StringComparison.Ordinal)) return new Fault.None();
        var ended = request.Method == "GET" && request.IsAbout("/blake3/") ? Interlocked.Increment(ref _read) > count : Volatile.Read(ref _read) > count;
        if (!ended) return new Fault.None();
        Interlocked.Increment(ref _refused);
        return new Fault.Answer(403, "ExpiredToken");
    };

    private static (int Verified, int Faults) Counts(Finished finished)
    {
        var answer = JsonSerializer.Deserialize<JsonElement>(finished.Output);
        return (answer.GetProperty("verified").GetInt32(), answer.GetProperty("faults").GetArrayLength());
    }

    [GeneratedRegex(@"to continue: artifactstore storage verify --backend s3 --jobs 4 --after (?<key>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Continue();
}
