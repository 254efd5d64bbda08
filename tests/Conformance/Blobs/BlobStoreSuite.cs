using System.Security.Cryptography;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Conformance.Blobs;

/// <summary>What every backend keeps, whatever it is made of: the page <see cref="IBlobStore"/> as tests. An adapter inherits it.</summary>
public abstract partial class BlobStoreSuite : IAsyncLifetime
{
    private const string Key = "blake3/ab/cd/abcd";

    /// <summary>
    /// A store over this test's own root, which was empty when the test began, as that node has it. Every call opens the same root anew.
    /// </summary>
    protected abstract IBlobStore OpenStore(NodeId node);

    /// <summary>As another node that shares the root.</summary>
    protected IBlobStore OpenStore() => OpenStore(NewNode());

    /// <summary>A body of this size is not kept in memory until it is promoted.</summary>
    protected virtual int StagedBytes => 300_000;

    private static NodeId NewNode() => new(new Guid(RandomNumberGenerator.GetBytes(16)));

    protected IBlobStore Store { get; private set; } = null!;

    private readonly NodeId _node = NewNode();

    public virtual ValueTask InitializeAsync()
    {
        Store = OpenStore(_node);
        return ValueTask.CompletedTask;
    }

    public abstract ValueTask DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(64 * 1024 - 1)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(1024 * 1024 - 1)]
    [InlineData(1024 * 1024)]
    [InlineData(1024 * 1024 + 1)]
    [InlineData((64 + 1024) * 1024)]
    [InlineData((64 + 1024) * 1024 + 1)]
    [InlineData(9 * 1024 * 1024 + 17)]
    public async Task Promoted_bytes_are_read_back_whole(int size)
    {
        var bytes = Sources.Bytes(size);
        await using (var staged = await Stage(bytes))
        {
            Assert.Equal(size, staged.Digests.Size);
            Assert.Equal(SHA256.HashData(bytes), staged.Digests.Sha256.ToArray());
            await Store.Promote(staged, Key);
        }
        Assert.Equal(bytes, await Read(Key));
        Assert.Equal(size, await Store.Size(Key));
        Assert.Equal(bytes, await Read(Key, store: OpenStore()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    [InlineData(64 * 1024)]
    [InlineData(5 * 1024 * 1024 + 3)]
    public async Task P01_digests_are_those_that_other_programs_compute(int size)
    {
        var bytes = Sources.Bytes(size);
        await using var staged = await Stage(bytes);
        Assert.Equal(await Oracle.Digest("b3sum", bytes), staged.Digests.Blake3.ToHex());
        Assert.Equal(await Oracle.Digest("sha256sum", bytes), staged.Digests.Sha256.ToHex());
    }

    [Theory]
    [InlineData(7, null)]
    [InlineData(1000, 1L)]
    [InlineData(65_536, 300_000_000L)]
    [InlineData(99_999, 0L)]
    public async Task Neither_the_pace_of_the_source_nor_a_wrong_hint_changes_the_bytes(int bytesPerRead, long? sizeHint)
    {
        var bytes = Sources.Bytes(200_003);
        await using var staged = await Store.Stage(NextAttempt(), Sources.Dripping(bytes, bytesPerRead), sizeHint);
        Assert.Equal(SHA256.HashData(bytes), staged.Digests.Sha256.ToArray());
        await Store.Promote(staged, Key);
        Assert.Equal(bytes, await Read(Key));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3_000_000)]
    public async Task Staging_changes_no_key_and_dropping_the_stage_leaves_none(int size)
    {
        await using (await Stage(Sources.Bytes(size)))
        {
            Assert.Empty(await Keys());
        }
        Assert.Empty(await Keys());
        Assert.Equal(0, await LeftInStaging());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3_000_000)]
    public async Task P04_the_same_bytes_twice_are_one_object(int size)
    {
        var bytes = Sources.Bytes(size);
        await Put(Key, bytes);
        await Put(Key, bytes);
        await Put(Key, bytes, OpenStore());
        Assert.Equal([Key], await Keys());
        Assert.Equal(bytes, await Read(Key));
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(10, 11)]
    [InlineData(0, 1)]
    [InlineData(3_000_000, 10)]
    [InlineData(10, 3_000_000)]
    [InlineData(3_000_000, 3_000_000)]
    public async Task An_occupied_key_is_refused_and_keeps_its_bytes(int first, int second)
    {
        var kept = Sources.Bytes(first);
        // Only the last byte differs when the sizes are equal: a comparison that stops early would not see it.
        var other = Sources.Bytes(second);
        if (other.Length > 0) other[^1] ^= 1;
        await Put(Key, kept);

        await using var staged = await Stage(other);
        var refusal = await Assert.ThrowsAsync<BlobStoreException>(() => Store.Promote(staged, Key));

        Assert.Equal(BlobFailure.KeyOccupied, refusal.Failure);
        Assert.Equal(kept, await Read(Key));
        await Store.Promote(staged, Key + "-else");
        Assert.Equal(other, await Read(Key + "-else"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    public async Task Promotions_of_the_same_bytes_at_the_same_time_all_succeed(int size)
    {
        var bytes = Sources.Bytes(size);
        var stages = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Stage(bytes)));
        await Task.WhenAll(stages.Select(staged => Store.Promote(staged, Key)));
        foreach (var staged in stages) await staged.DisposeAsync();
        Assert.Equal([Key], await Keys());
        Assert.Equal(bytes, await Read(Key));
        Assert.Equal(0, await LeftInStaging());
    }

    [Fact]
    public async Task Of_different_bytes_at_the_same_time_one_wins_and_the_others_are_refused()
    {
        var stages = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Stage(Sources.Bytes(70_000, seed))));
        var outcomes = await Task.WhenAll(stages.Select(async staged =>
        {
            var failure = await Record.ExceptionAsync(() => Store.Promote(staged, Key));
            if (failure is not null) Assert.Equal(BlobFailure.KeyOccupied, Assert.IsType<BlobStoreException>(failure).Failure);
            return failure is null ? staged : null;
        }));
        var winner = Assert.Single(outcomes, staged => staged is not null);
        Assert.Equal(winner!.Digests.Sha256.ToArray(), SHA256.HashData((await Read(Key))!));
        foreach (var staged in stages) await staged.DisposeAsync();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    public async Task A_stage_stays_usable_after_its_promotion(int size)
    {
        var bytes = Sources.Bytes(size);
        await using var staged = await Stage(bytes);
        await Store.Promote(staged, Key);
        await Store.Promote(staged, Key);
        Assert.True(await Store.Delete(Key));
        await Store.Promote(staged, "blake3/ab/ce/second");
        await Store.Promote(staged, Key);
        Assert.Equal(bytes, await Read(Key));
        Assert.Equal(bytes, await Read("blake3/ab/ce/second"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(2_500_000)]
    public async Task P02_a_source_that_fails_leaves_nothing(int sizeBefore)
    {
        var attempt = NextAttempt();
        await Assert.ThrowsAsync<IOException>(() => Store.Stage(attempt, Sources.CutOff(Sources.Bytes(sizeBefore)), sizeBefore * 2));
        Assert.Equal(0, await LeftInStaging());
        Assert.Empty(await Keys());
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2_500_000)]
    public async Task A_cancelled_upload_leaves_nothing(int sizeBefore)
    {
        using var cancellation = new CancellationTokenSource();
        var source = Sources.Stalling(Sources.Bytes(sizeBefore), cancellation.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.Stage(NextAttempt(), source, null, cancellation.Token));
        Assert.Equal(0, await LeftInStaging());
        Assert.Empty(await Keys());
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2_500_000)]
    public async Task A_promotion_cancelled_before_it_began_changes_nothing(int size)
    {
        await using var staged = await Stage(Sources.Bytes(size));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.Promote(staged, Key, new CancellationToken(true)));
        Assert.Empty(await Keys());
        await Store.Promote(staged, Key);
        Assert.Equal([Key], await Keys());
    }
}
