using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Tests.Hashing;

public class ResumableSha256Tests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_short_length_hashes_as_the_framework_hashes_it(bool managed)
    {
        var input = Blake3Vectors.Pattern(300);
        for (var length = 0; length <= input.Length; length++)
        {
            var hash = new ResumableSha256(managed);
            hash.Update(input.AsSpan(0, length));
            Assert.Equal(SHA256.HashData(input.AsSpan(0, length)), hash.Finish().ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_split_and_any_restart_gives_the_frameworks_digest(bool managed)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var input = Blake3Tests.Input(random, random.Next(100_000));
            var hash = new ResumableSha256(managed);
            foreach (var piece in Blake3Tests.Pieces(random, input))
            {
                hash.Update(input.AsSpan(piece));
                var state = hash.SaveState();
                Assert.InRange(state.Length, 1, ResumableSha256.MaxStateBytes);
                Assert.Equal(state, ResumableSha256.Restore(state).SaveState());
                if (!managed)
                    hash = ResumableSha256.Restore(state);
            }
            Assert.True(SHA256.HashData(input).AsSpan().SequenceEqual(hash.Finish().ToArray()), $"seed {seed}");
        }
    }

    [Fact]
    public void Finishing_changes_nothing_and_resetting_forgets_everything()
    {
        var hash = new ResumableSha256();
        hash.Update("abc"u8);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hash.Finish().ToHex());
        hash.Update("def"u8);
        Assert.Equal(SHA256.HashData("abcdef"u8), hash.Finish().ToArray());
        hash.Reset();
        Assert.Equal(SHA256.HashData([]), hash.Finish().ToArray());
    }

    [Fact]
    public void Libcrypto_is_used_where_it_can_be_loaded()
    {
        Assert.SkipUnless(NativeLibrary.TryLoad("libcrypto.so.3", out _), "there is no libcrypto 3 here");
        Assert.True(Sha256Blocks.Native);
    }
}
