using System.Security.Cryptography;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Tests.Hashing;

public class ContentHasherTests
{
    public static TheoryData<int> Sizes =>
    [
        0, 1, 1024, TwoLaneHasher.SmallestSplitBytes - 1, TwoLaneHasher.SmallestSplitBytes,
        TwoLaneHasher.BestBufferBytes, 2 * TwoLaneHasher.BestBufferBytes, 3 * TwoLaneHasher.BestBufferBytes + 17,
    ];

    [Theory, MemberData(nameof(Sizes))]
    public async Task I02_one_pass_two_lanes_and_a_stream_agree(int size)
    {
        var content = Blake3Tests.Input(new Random(size), size);
        var expected = new ContentDigests(
            Digest256.FromBytes(Blake3.Hash(content)), Digest256.FromBytes(SHA256.HashData(content)), size);
        Assert.Equal(expected, ContentHasher.Hash(content));

        var hasher = new ContentHasher();
        hasher.Update(content);
        Assert.Equal(expected, hasher.Finish());
        Assert.Equal(size, hasher.Size);
        hasher.Reset();

        var lanes = new TwoLaneHasher(hasher);
        await lanes.UpdateAsync(content.AsMemory(0, size / 2));
        lanes = new TwoLaneHasher(ContentHasher.Restore(hasher.Save()));
        await lanes.UpdateAsync(content.AsMemory(size / 2));
        Assert.Equal(expected, lanes.Hasher.Finish());

        using var stream = new TricklingStream(content);
        Assert.Equal(expected, await ContentHasher.HashStreamAsync(stream, CancellationToken.None));
    }

    [Fact]
    public async Task Many_updates_on_two_lanes_keep_their_order()
    {
        var content = Blake3Tests.Input(new Random(4), 40 * TwoLaneHasher.SmallestSplitBytes);
        var lanes = new TwoLaneHasher(new ContentHasher());
        for (var at = 0; at < content.Length; at += TwoLaneHasher.SmallestSplitBytes)
            await lanes.UpdateAsync(content.AsMemory(at, TwoLaneHasher.SmallestSplitBytes));
        Assert.Equal(ContentHasher.Hash(content), lanes.Hasher.Finish());
    }

    [Fact]
    public async Task A_second_update_before_the_first_is_awaited_is_refused()
    {
        var content = new byte[TwoLaneHasher.BestBufferBytes];
        var lanes = new TwoLaneHasher(new ContentHasher());
        var first = lanes.UpdateAsync(content);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await lanes.UpdateAsync(content));
        await first;
        await lanes.UpdateAsync(content);
        Assert.Equal(2 * content.Length, lanes.Hasher.Size);
    }

    [Fact]
    public async Task A_stream_that_fails_or_is_cancelled_gives_no_digests()
    {
        using var failing = new TricklingStream(new byte[3_000_000]) { FailAfter = 2_000_000 };
        await Assert.ThrowsAsync<IOException>(() => ContentHasher.HashStreamAsync(failing, CancellationToken.None));
        using var endless = new TricklingStream(new byte[100]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ContentHasher.HashStreamAsync(endless, new CancellationToken(canceled: true)));
    }

    /// <summary>A network in small: never gives all that is asked for.</summary>
    private sealed class TricklingStream(byte[] content) : MemoryStream(content)
    {
        public long FailAfter { get; init; } = long.MaxValue;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            if (Position >= FailAfter)
                throw new IOException("the connection broke");
            return Read(buffer.Span[..Math.Min(buffer.Length, 100_003)]);
        }
    }
}
