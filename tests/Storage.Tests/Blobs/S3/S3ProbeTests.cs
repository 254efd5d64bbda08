using Amazon.S3.Model;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;
using ArtifactStore.Storage.Blobs.S3.Probe;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>The compatibility profile against a real Ceph RGW, and against one that a proxy makes worse than it is.</summary>
public sealed class S3ProbeTests : IAsyncLifetime
{
    /// <summary>What Ceph RGW 16.2 does; docs/COMPATIBILITY.md records the same.</summary>
    private static readonly Dictionary<string, S3ProbeResult> OfRgw = new(StringComparer.Ordinal)
    {
        ["reach"] = S3ProbeResult.Pass,
        ["put"] = S3ProbeResult.Pass,
        ["put-empty"] = S3ProbeResult.Pass,
        ["put-streamed"] = S3ProbeResult.Pass,
        ["names"] = S3ProbeResult.Pass,
        ["metadata"] = S3ProbeResult.Pass,
        ["absent"] = S3ProbeResult.Pass,
        ["range"] = S3ProbeResult.Pass,
        ["range-beyond-end"] = S3ProbeResult.Pass,
        ["range-after-end"] = S3ProbeResult.Pass,
        ["range-suffix"] = S3ProbeResult.Pass,
        ["copy"] = S3ProbeResult.Pass,
        ["delete"] = S3ProbeResult.Pass,
        ["delete-again"] = S3ProbeResult.Pass,
        ["multipart"] = S3ProbeResult.Pass,
        ["multipart-copy"] = S3ProbeResult.Pass,
        ["multipart-list"] = S3ProbeResult.Pass,
        ["multipart-abort"] = S3ProbeResult.Pass,
        ["list-order"] = S3ProbeResult.Pass,
        ["list-after"] = S3ProbeResult.Pass,
        ["list-fresh"] = S3ProbeResult.Pass,
        ["put-if-absent"] = S3ProbeResult.Pass,
        ["put-if-absent-race"] = S3ProbeResult.Pass,
        ["put-if-match"] = S3ProbeResult.Pass,
        ["copy-if-absent"] = S3ProbeResult.Ignored,
        ["complete-if-absent"] = S3ProbeResult.Ignored,
        ["delete-if-match"] = S3ProbeResult.Ignored,
        ["sse"] = S3ProbeResult.Ignored,
        ["storage-class"] = S3ProbeResult.Pass,
        ["checksum-md5"] = S3ProbeResult.Pass,
        ["checksum-sha256"] = S3ProbeResult.Ignored,
        ["sts"] = S3ProbeResult.Skipped,
        ["wrong-key"] = S3ProbeResult.Pass,
        ["wrong-secret"] = S3ProbeResult.Pass,
        ["clock-skew"] = S3ProbeResult.Pass,
        ["clean-up"] = S3ProbeResult.Pass,
    };

    private S3Bucket _bucket = null!;

    public async ValueTask InitializeAsync() => _bucket = await S3Bucket.Create();

    public async ValueTask DisposeAsync()
    {
        if (_bucket is not null) await _bucket.DisposeAsync();
    }

    [Fact]
    public async Task Every_line_of_the_profile_has_the_recorded_result_on_ceph_rgw_and_nothing_stays()
    {
        var store = _bucket.Store();
        var identity = new BackendIdentity(S3Bucket.NextId(), 1);
        await store.Claim(identity);
        var before = await _bucket.Names();

        var lines = await Probe(_bucket.Options());

        Assert.Equal(OfRgw.Select(one => $"{one.Key} {one.Value}"), lines.Select(line => $"{line.Name} {line.Result}"));
        foreach (var line in lines) RequireShort(line);
        Assert.Equal(before, await _bucket.Names());
        Assert.Empty(await _bucket.Uploads());
        await store.Claim(identity);
    }

    [Theory]
    [InlineData("copy", "copy")]
    [InlineData("copy-of-part", "multipart-copy")]
    [InlineData("second-deletion", "delete-again")]
    [InlineData("listing-after", "list-after")]
    public async Task A_behaviour_that_is_missing_makes_its_line_red_and_no_other(string broken, string line)
    {
        await using var proxy = new FaultProxy(_bucket.Endpoint);
        var deleted = 0;
        proxy.Rule = request => Broken(broken, request, ref deleted) ? new Fault.Answer(501, "NotImplemented") : new Fault.None();

        var lines = await Probe(_bucket.Options() with { Endpoint = proxy.Endpoint });

        Assert.Equal([line], lines.Where(one => one.Result == S3ProbeResult.Fail).Select(one => one.Name));
        Assert.Equal(OfRgw.Count, lines.Count);
        Assert.Empty(await _bucket.Names());
        Assert.Empty(await _bucket.Uploads());
    }

    [Fact]
    public async Task Answers_that_are_cut_short_are_seen()
    {
        await using var proxy = new FaultProxy(_bucket.Endpoint);
        proxy.Rule = request => request.Headers.ContainsKey("range") && request.IsAbout("/whole") ? new Fault.CutAnswer(5) : new Fault.None();
        var lines = await Probe(_bucket.Options() with { Endpoint = proxy.Endpoint });
        Assert.Equal(S3ProbeResult.Fail, lines.Single(line => line.Name == "range").Result);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_is_said_once_and_the_rest_is_skipped()
    {
        var lines = await Probe(_bucket.Options() with { Endpoint = new Uri("http://127.0.0.1:1") });
        Assert.Equal(S3ProbeResult.Fail, lines[0].Result);
        Assert.Contains("ARTIFACTSTORE_S3_ENDPOINT_URL", lines[0].Follows);
        Assert.All(lines.Skip(1), line => Assert.Equal(S3ProbeResult.Skipped, line.Result));
    }

    [Fact]
    public async Task What_is_configured_and_refused_is_a_failure()
    {
        var lines = await Probe(_bucket.Options() with { StorageClass = "NO_SUCH_CLASS", ServerSideEncryption = "rot13" });
        Assert.Contains("ARTIFACTSTORE_S3_STORAGE_CLASS", lines.Single(line => line.Name == "storage-class" && line.Result == S3ProbeResult.Fail).Follows);
        Assert.Contains("ARTIFACTSTORE_S3_SSE", lines.Single(line => line.Name == "sse" && line.Result == S3ProbeResult.Fail).Follows);
    }

    [Fact]
    public async Task Keys_of_a_token_service_are_asked_for_again()
    {
        await using var service = new TokenService();
        var keys = await RgwRoles.ShortLivedKeys(await RgwServer.Shared());
        service.Keys = (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken, S3Bucket.Clock.GetUtcNow().AddHours(1));
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "identity-token");
            var lines = await Probe(_bucket.Options() with
            {
                Credentials = new S3CredentialSource.WebIdentity(file, "arn:aws:iam:::role/store", service.Endpoint),
            });
            Assert.Equal(S3ProbeResult.Pass, lines.Single(line => line.Name == "sts").Result);
            Assert.Equal(2, service.Requests.Count);
            // Ceph RGW 16 lets short-lived keys of a role copy objects, but not ranges of them.
            Assert.Equal(["multipart-copy"], lines.Where(line => line.Result == S3ProbeResult.Fail).Select(line => line.Name));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A store sweeps while a probe runs beside it; what a probe left an hour ago is nobody's.</summary>
    [Fact]
    public async Task A_sweep_spares_what_a_probe_has_just_written()
    {
        await _bucket.Client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket.Name, Key = $"{S3Bucket.Prefix}/.staging/probe-1/x", ContentBody = "?" });
        await _bucket.Client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket.Name, Key = $"{S3Bucket.Prefix}/.staging/other-1/x", ContentBody = "?" });
        await _bucket.Store().SweepStages(_ => Task.FromResult<IReadOnlySet<NodeId>>(new HashSet<NodeId>()));
        Assert.Equal([$"{S3Bucket.Prefix}/.staging/probe-1/x"], await _bucket.Names());
    }

    private static bool Broken(string what, ProxiedRequest request, ref int deleted) => what switch
    {
        "copy" => request.IsCopy && request.IsAbout("/copied"),
        "copy-of-part" => request.IsCopy && request.IsAbout("partNumber="),
        "second-deletion" => request.Method == "DELETE" && request.IsAbout("/copied") && Interlocked.Increment(ref deleted) == 2,
        _ => request.IsAbout("start-after="),
    };

    internal static async Task<List<S3ProbeLine>> Probe(S3Options options)
    {
        using var probe = new S3Probe(options, S3Bucket.Clock);
        var lines = new List<S3ProbeLine>();
        await foreach (var line in probe.Run()) lines.Add(line);
        return lines;
    }

    private static void RequireShort(S3ProbeLine line)
    {
        Assert.InRange(line.Follows.Length, 3, 130);
        Assert.DoesNotContain('\n', line.Follows);
        Assert.DoesNotContain(RgwServer.SecretKey, line.Follows);
    }
}
