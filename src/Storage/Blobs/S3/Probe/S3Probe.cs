using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs.S3.Probe;

public enum S3ProbeResult
{
    Pass = 1,

    /// <summary>The store cannot work with this endpoint, or not as it was configured.</summary>
    Fail = 2,

    /// <summary>The endpoint does not do it, and the store does not need it.</summary>
    Ignored = 3,

    /// <summary>Not asked: not configured, or nothing can be asked.</summary>
    Skipped = 4,
}

/// <param name="Name">Of the behaviour; stable within one version of the profile.</param>
/// <param name="Result">What the endpoint did.</param>
/// <param name="Follows">A few words: what was seen, and what it means for the store.</param>
public sealed record S3ProbeLine(string Name, S3ProbeResult Result, string Follows);

/// <summary>
/// The compatibility profile: every behaviour of the protocol that this store relies on, asked of the configured endpoint one by one.
/// Invariant: it writes below one throw-away prefix in staging only, so nothing of the store's own is touched; and what a probe leaves
/// that was killed is swept like any other stage.
/// </summary>
public sealed class S3Probe : IDisposable
{
    /// <summary>Rises when a line is added, removed or asks for something else.</summary>
    public const int Version = 1;

    private static readonly TimeSpan LineTime = TimeSpan.FromMinutes(1);
    private readonly S3Endpoint _endpoint;
    private readonly S3ProbeBench _bench;
    private readonly TimeProvider _time;

    public S3Probe(S3Options options, TimeProvider time)
    {
        _time = time;
        _endpoint = new S3Endpoint(options, new NodeId(new Guid(RandomNumberGenerator.GetBytes(16))), time);
        _bench = new S3ProbeBench(_endpoint, $"{_endpoint.Keys.ProbeRoot}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}/");
    }

    private (string Name, Func<CancellationToken, Task<S3Verdict>> Ask)[] Lines =>
    [
        .. new S3BytesLines(_bench).All, .. new S3PartsLines(_bench).All, .. new S3ListingLines(_bench).All,
        .. new S3ConditionLines(_bench).All, .. new S3SettingLines(_bench).All, .. new S3RefusalLines(_bench, _time).All,
    ];

    /// <summary>Line by line as they are known. When not even the first works, the others are skipped.</summary>
    public async IAsyncEnumerable<S3ProbeLine> Run([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var reached = await Ask("reach", Reach, cancellation);
        yield return reached;
        S3ProbeLine? cleanUp = null;
        var useless = reached.Result == S3ProbeResult.Fail;
        try
        {
            foreach (var (name, ask) in Lines)
                yield return useless ? new(name, S3ProbeResult.Skipped, "not asked") : await Ask(name, ask, cancellation);
        }
        finally
        {
            // Also when whoever reads the lines has stopped; what this cannot remove the store sweeps.
            if (!useless) cleanUp = await Ask("clean-up", CleanUp, CancellationToken.None);
        }
        if (cleanUp is { } last) yield return last;
    }

    public void Dispose() => _endpoint.Dispose();

    private async Task<S3ProbeLine> Ask(string name, Func<CancellationToken, Task<S3Verdict>> ask, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LineTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var (result, follows) = await ask(either.Token);
            return new(name, result, follows);
        }
        catch (BlobStoreException failure)
        {
            return new(name, S3ProbeResult.Fail, failure.Message);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return new(name, S3ProbeResult.Fail, S3Failure.Of(failure, _endpoint.Options, "do this").Sentence);
        }
    }

    private async Task<S3Verdict> Reach(CancellationToken cancellation)
    {
        await _endpoint.Examine(cancellation);
        return S3Verdict.Pass("the endpoint, the bucket and the keys are right");
    }

    private async Task<S3Verdict> CleanUp(CancellationToken cancellation)
    {
        var uploads = await _bench.OpenUploads(cancellation);
        foreach (var upload in uploads) await S3PartsUpload.Abort(_endpoint, upload.Key, upload.UploadId, cancellation);
        while (true)
        {
            var page = await _endpoint.List(_bench.Root, null, 1000, cancellation);
            if (page.S3Objects is not { Count: > 0 } left) return S3Verdict.Pass("nothing of the probe is left");
            foreach (S3Object found in left) await _endpoint.Delete(found.Key, cancellation);
        }
    }
}
