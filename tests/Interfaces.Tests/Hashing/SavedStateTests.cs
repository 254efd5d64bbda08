using System.Buffers.Binary;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Tests.Hashing;

public class SavedStateTests
{
    [Fact]
    public void A_hash_goes_on_after_a_restart_at_any_point()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var input = Blake3Tests.Input(random, random.Next(600_000));
            var hasher = new ContentHasher();
            foreach (var piece in Blake3Tests.Pieces(random, input))
            {
                hasher.Update(input.AsSpan(piece));
                var state = hasher.Save();
                Assert.InRange(state.Length, 1, ContentHasher.MaxStateBytes);
                hasher = ContentHasher.Restore(state);
            }
            Assert.True(ContentHasher.Hash(input) == hasher.Finish(), $"seed {seed}");
        }
    }

    [Fact]
    public void The_state_depends_on_the_bytes_only_and_not_on_how_they_came()
    {
        var input = Blake3Vectors.Pattern(512 * 1024);
        foreach (var length in new[] { 0, 1, 1024, 1025, 2048, 2049, 64 * 1024, 300_001, 512 * 1024 })
        {
            var atOnce = new ContentHasher();
            atOnce.Update(input.AsSpan(0, length));
            var inPieces = new ContentHasher();
            for (var at = 0; at < length; at += 2048)
                inPieces.Update(input.AsSpan(at, Math.Min(2048, length - at)));
            Assert.Equal(atOnce.Save(), inPieces.Save());
        }
    }

    [Fact]
    public void A_damaged_state_is_refused_wherever_the_damage_is()
    {
        var hasher = new ContentHasher();
        hasher.Update(Blake3Vectors.Pattern(7777));
        var state = hasher.Save();
        for (var i = 0; i < state.Length; i++)
        {
            var damaged = state.ToArray();
            damaged[i] ^= 0x10;
            Assert.Throws<FormatException>(() => ContentHasher.Restore(damaged));
            Assert.Throws<FormatException>(() => ContentHasher.Restore(state.AsSpan(0, i)));
        }
        Assert.Throws<FormatException>(() => ContentHasher.Restore([.. state, 0]));
    }

    [Fact]
    public void Garbage_is_refused_by_every_hash()
    {
        var random = new Random(8);
        for (var i = 0; i < 500; i++)
        {
            var garbage = Blake3Tests.Input(random, random.Next(200));
            Assert.Throws<FormatException>(() => Blake3.Restore(garbage));
            Assert.Throws<FormatException>(() => ResumableSha256.Restore(garbage));
            Assert.Throws<FormatException>(() => ContentHasher.Restore(garbage));
        }
    }

    [Fact]
    public void One_kind_of_state_is_not_taken_for_another()
    {
        Assert.Throws<FormatException>(() => Blake3.Restore(new ResumableSha256().SaveState()));
        Assert.Throws<FormatException>(() => ResumableSha256.Restore(new Blake3().SaveState()));
        Assert.Throws<FormatException>(() => ContentHasher.Restore(new Blake3().SaveState()));
    }

    [Fact]
    public void A_version_from_the_future_is_refused_by_its_number()
    {
        var state = new Blake3().SaveState();
        SavedState.Seal(state, "ASB3"u8, version: 9);
        var refusal = Assert.Throws<FormatException>(() => Blake3.Restore(state));
        Assert.Contains("version 9", refusal.Message);
    }

    /// <summary>The frame is sound: only the meaning is wrong.</summary>
    [Theory]
    [InlineData(0UL, 1025, 1025)]
    [InlineData(0UL, 10, 9)]
    [InlineData(1UL, 0, 32)]
    [InlineData(2UL, 0, 32)]
    [InlineData(7UL, 5, 64 + 5)]
    [InlineData(ulong.MaxValue, 0, 64 * 32)]
    [InlineData(1UL << 54, 0, 64)]
    public void A_state_that_contradicts_itself_is_refused(ulong chunks, int buffered, int rest)
    {
        var state = new byte[SavedState.FrameBytes + 10 + rest];
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(SavedState.HeaderBytes), chunks);
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(SavedState.HeaderBytes + 8), (ushort)buffered);
        SavedState.Seal(state, "ASB3"u8, version: 1);
        Assert.Throws<FormatException>(() => Blake3.Restore(state));
    }

    [Fact]
    public void Two_hashes_that_stand_at_different_bytes_are_refused()
    {
        var blake3 = new Blake3();
        blake3.Update([1, 2, 3]);
        var (first, second) = (blake3.SaveState(), new ResumableSha256().SaveState());
        var state = new byte[SavedState.FrameBytes + 2 + first.Length + second.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(SavedState.HeaderBytes), (ushort)first.Length);
        first.CopyTo(state, SavedState.HeaderBytes + 2);
        second.CopyTo(state, SavedState.HeaderBytes + 2 + first.Length);
        SavedState.Seal(state, "ASCH"u8, version: 1);
        Assert.Throws<FormatException>(() => ContentHasher.Restore(state));
    }

    [Fact]
    public void The_key_of_a_keyed_hash_is_not_written_anywhere() =>
        Assert.Throws<InvalidOperationException>(() => Blake3.Keyed(Blake3Vectors.Key, Blake3Tree.Widest).SaveState());
}
