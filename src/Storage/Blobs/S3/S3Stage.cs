using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>Staged bytes of this backend: in memory when they are few, else an object below <c>.staging</c>.</summary>
internal abstract class S3Stage(S3Staging staging, AttemptId attempt, ContentDigests digests) : IStagedBlob
{
    public S3Staging Staging { get; } = staging;

    public AttemptId Attempt { get; } = attempt;

    public ContentDigests Digests { get; } = digests;

    /// <summary>What every object of the store says about itself, so that "the same bytes?" costs no reading.</summary>
    public void Describe(MetadataCollection metadata)
    {
        metadata[S3Found.Blake3Name] = Digests.Blake3.ToHex();
        metadata[S3Found.Sha256Name] = Digests.Sha256.ToHex();
    }

    public abstract ValueTask DisposeAsync();
}

/// <summary>Costs the bucket nothing until it is promoted, and then one put.</summary>
internal sealed class S3MemoryStage(S3Staging staging, AttemptId attempt, ContentDigests digests, byte[] bytes)
    : S3Stage(staging, attempt, digests)
{
    public byte[] Bytes { get; } = bytes;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class S3ObjectStage(S3Staging staging, AttemptId attempt, ContentDigests digests) : S3Stage(staging, attempt, digests)
{
    public override ValueTask DisposeAsync() => Staging.Drop(Attempt);
}
