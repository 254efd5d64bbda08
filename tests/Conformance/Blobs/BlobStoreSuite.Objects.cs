using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Conformance.Blobs;

/// <summary>Objects once they are there: reading, deleting, listing, and whom a root belongs to.</summary>
public abstract partial class BlobStoreSuite
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(0, 0L)]
    [InlineData(0, 1L)]
    [InlineData(99_999, 1L)]
    [InlineData(1, 70_000L)]
    [InlineData(65_536, null)]
    [InlineData(100_000, null)]
    [InlineData(100_000, 5L)]
    [InlineData(99_990, 500L)]
    [InlineData(500_000, null)]
    public async Task P04_a_range_is_what_lies_there_and_never_more(int offset, long? length)
    {
        var bytes = Sources.Bytes(100_000);
        await Put(Key, bytes);
        var expected = bytes.Skip(offset).Take((int)(length ?? int.MaxValue)).ToArray();
        Assert.Equal(expected, await Read(Key, offset, length));
    }

    [Fact]
    public async Task A_negative_range_is_a_bug_of_the_caller()
    {
        await Put(Key, [1, 2, 3]);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.Open(Key, -1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.Open(Key, 0, -1));
    }

    [Fact]
    public async Task What_is_not_there_has_no_bytes_and_no_size()
    {
        Assert.Null(await Store.Open(Key));
        Assert.Null(await Store.Size(Key));
        await Put(Key, [1]);
        Assert.Null(await Store.Open(Key + "0"));
        Assert.Null(await Store.Size("blake3/ab/cd"));
        Assert.Null(await Store.Open("blake3/ab/cd"));
        Assert.Null(await Store.Size(Key + "/below"));
        Assert.Null(await Store.Open(Key + "/below"));
    }

    [Fact]
    public async Task P04_deleting_is_true_once_and_false_ever_after()
    {
        await Put(Key, [1, 2, 3]);
        await Put(Key + ".2-other", [4]);
        Assert.True(await Store.Delete(Key));
        Assert.False(await Store.Delete(Key));
        Assert.False(await Store.Delete("blake3/ab/cd"));
        Assert.False(await Store.Delete("blake3/00/00/never"));
        Assert.Null(await Store.Open(Key));
        Assert.Null(await Store.Size(Key));
        Assert.Equal([Key + ".2-other"], await Keys());
    }

    [Fact]
    public async Task A_reader_keeps_reading_what_is_deleted_or_fails_but_never_reads_less()
    {
        var bytes = Sources.Bytes(3_000_000);
        await Put(Key, bytes);
        await using var reading = (await Store.Open(Key))!;
        var start = new byte[10];
        await reading.ReadExactlyAsync(start);
        await Store.Delete(Key);
        using var rest = new MemoryStream();
        var failure = await Record.ExceptionAsync(() => reading.CopyToAsync(rest));
        if (failure is null) Assert.Equal(bytes, start.Concat(rest.ToArray()));
        else Assert.IsType<BlobStoreException>(failure);
    }

    [Fact]
    public async Task Promotions_and_deletions_in_one_neighbourhood_do_not_disturb_each_other()
    {
        // Deleting the last object of a shard may take the shard away while another object is on its way into it.
        var bytes = Sources.Bytes(100);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            await using var staged = await Stage(bytes);
            for (var round = 0; round < 25; round++)
            {
                var key = $"blake3/ab/cd/{worker}-{round}";
                await Store.Promote(staged, key);
                Assert.Equal(100, await Store.Size(key));
                Assert.True(await Store.Delete(key));
                Assert.Null(await Store.Size(key));
            }
        }));
        Assert.Empty(await Keys());
    }

    [Fact]
    public async Task Keys_are_listed_in_the_order_of_their_bytes_from_any_point_on()
    {
        string[] keys =
        [
            "blake3/00/00/00", "blake3/00/00/00.2-a", "blake3/00/00/00.10-b", "blake3/00/0a", "blake3/00-x/1", "blake3/00.x",
            "blake3/ff/ff/Z", "blake3/ff/ff/z", "tenants/one/blake3/00/00/00", "tenants/one-and-more/blake3/00/00/00", "aaa", "zzz",
        ];
        foreach (var key in keys.Reverse()) await Put(key, Sources.Bytes(key.Length));
        var expected = keys.Order(StringComparer.Ordinal).ToList();

        Assert.Equal(expected, await Keys());
        string[] between = ["blake3", "blake3/", "blake3/00", "blake3/00/", "blake3/00/00/00.1", "blake3/7", "nothing", "~"];
        foreach (var after in expected.Concat(between))
            Assert.Equal(expected.Where(key => string.CompareOrdinal(key, after) > 0), await Keys(after));
        await foreach (var listing in Store.List(null)) Assert.Equal(listing.Key.Length, listing.Size);
    }

    [Fact]
    public async Task Stages_and_the_identity_are_not_listed()
    {
        await Store.Claim(Mine);
        await using var large = await Stage(Sources.Bytes(3_000_000));
        await using var small = await Stage(Sources.Bytes(3));
        Assert.Empty(await Keys());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("blake3/../../outside")]
    [InlineData("blake3/..")]
    [InlineData("blake3/./x")]
    [InlineData("blake3//x")]
    [InlineData("blake3/x/")]
    [InlineData("blake3/x\0y")]
    [InlineData("blake3/x y")]
    [InlineData("blake3\\..\\x")]
    [InlineData("blake3/é")]
    public async Task P05_a_key_that_could_leave_the_root_is_refused_by_every_operation(string key)
    {
        await using var staged = await Stage([1]);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.Promote(staged, key));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.Open(key));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.Size(key));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.Delete(key));
        Assert.Empty(await Keys());
    }

    [Fact]
    public async Task A_stage_of_another_store_is_refused()
    {
        await using var staged = await OpenStore().Stage(NextAttempt(), new MemoryStream([1]), null);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Promote(staged, Key));
    }

    [Fact]
    public async Task A_root_belongs_to_the_first_store_that_claims_it()
    {
        Assert.Equal(Mine, await Store.Claim(Mine));
        await Put(Key, [1]);
        Assert.Equal(Mine, await Store.Claim(Mine));
        Assert.Equal(Mine, await OpenStore().Claim(Mine));
        foreach (var stranger in new[] { Mine with { StoreId = new Guid(2, 0, 0, new byte[8]) }, Mine with { Incarnation = 2 } })
        {
            var refusal = await Assert.ThrowsAsync<BlobStoreException>(() => OpenStore().Claim(stranger));
            Assert.Equal(BlobFailure.Foreign, refusal.Failure);
        }
        Assert.Equal(Mine, await Store.Claim(Mine));
        Assert.Equal([Key], await Keys());
    }

    [Fact]
    public async Task Of_two_stores_that_claim_at_the_same_time_one_is_refused()
    {
        var claims = Enumerable.Range(1, 8).Select(number => new BackendIdentity(new Guid(number, 0, 0, new byte[8]), 1));
        var outcomes = await Task.WhenAll(claims.Select(async claim =>
        {
            var failure = await Record.ExceptionAsync(() => OpenStore().Claim(claim));
            if (failure is not null) Assert.Equal(BlobFailure.Foreign, Assert.IsType<BlobStoreException>(failure).Failure);
            return failure is null ? claim : null;
        }));
        var owner = Assert.Single(outcomes, claim => claim is not null);
        Assert.Equal(owner, await Store.Claim(owner!));
    }

    [Fact]
    public async Task A_root_that_holds_bytes_of_nobody_is_not_claimed()
    {
        await Put(Key, [1]);
        var refusal = await Assert.ThrowsAsync<BlobStoreException>(() => Store.Claim(Mine));
        Assert.Equal(BlobFailure.Foreign, refusal.Failure);
        Assert.Equal([Key], await Keys());
    }

    [Fact]
    public async Task A_sweep_spares_the_stages_of_living_attempts()
    {
        var bytes = Sources.Bytes(StagedBytes);
        await using var staged = await Stage(bytes);
        Assert.Equal(0, await Store.SweepStages(Living()));
        await Store.Promote(staged, Key);
        Assert.Equal(bytes, await Read(Key));
    }

    [Fact]
    public async Task A_sweep_spares_the_stages_of_other_nodes_that_live()
    {
        var other = NewNode();
        var there = OpenStore(other);
        var bytes = Sources.Bytes(StagedBytes);
        await using var staged = await there.Stage(NextAttempt(), new MemoryStream(bytes), bytes.Length);
        Assert.Equal(0, await Store.SweepStages(Living(other)));
        await there.Promote(staged, Key);
        Assert.Equal(bytes, await Read(Key));
    }

    /// <summary>Frozen for so long that the others took it for dead: its upload fails with a sentence, and the next one works again.</summary>
    [Fact]
    public async Task A_node_whose_stage_was_swept_fails_its_upload_and_makes_no_key()
    {
        var there = OpenStore(NewNode());
        var bytes = Sources.Bytes(StagedBytes);
        await using (var staged = await there.Stage(NextAttempt(), new MemoryStream(bytes), bytes.Length))
        {
            Assert.Equal(1, await Store.SweepStages(Living()));
            Assert.Equal(0, await LeftInStaging());
            var failure = await Assert.ThrowsAsync<BlobStoreException>(() => there.Promote(staged, Key));
            Assert.Equal(BlobFailure.Unavailable, failure.Failure);
            Assert.Contains("gone", failure.Message, StringComparison.Ordinal);
            Assert.Empty(await Keys());
        }
        await Put(Key, bytes, there);
        Assert.Equal(bytes, await Read(Key));
    }

    [Fact]
    public async Task A_small_body_of_a_node_that_was_taken_for_dead_is_promoted_all_the_same()
    {
        var there = OpenStore(NewNode());
        await using var staged = await there.Stage(NextAttempt(), new MemoryStream([1, 2, 3]), 3);
        await Store.SweepStages(Living());
        await there.Promote(staged, Key);
        Assert.Equal([1, 2, 3], await Read(Key));
    }

    /// <summary>Whoever begins while the sweep is on its way has said that it lives before it staged anything.</summary>
    [Fact]
    public async Task A_node_that_begins_during_a_sweep_is_not_taken_for_dead()
    {
        var there = OpenStore(NewNode());
        var bytes = Sources.Bytes(StagedBytes);
        IStagedBlob? staged = null;
        await Store.SweepStages(async cancellation =>
        {
            staged = await there.Stage(NextAttempt(), new MemoryStream(bytes), bytes.Length, cancellation);
            return new HashSet<NodeId> { _node };
        });
        await there.Promote(staged!, Key);
        await staged!.DisposeAsync();
        Assert.Equal(bytes, await Read(Key));
    }

    [Fact]
    public async Task A_root_in_order_is_healthy()
    {
        var health = await Store.Health();
        Assert.True(health.Healthy, health.Reason);
        Assert.Null(health.Reason);
    }
}
