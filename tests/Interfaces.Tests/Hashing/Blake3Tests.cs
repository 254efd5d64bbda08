using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Tests.Hashing;

/// <summary>Everything here runs on each vector width that this machine has; <see cref="Blake3MachineTests"/> takes some away.</summary>
public class Blake3Tests
{
    /// <summary>Set by <see cref="Blake3MachineTests"/>, so that a switch the runtime ignores does not go unnoticed.</summary>
    internal const string ExpectedWidthVariable = "BLAKE3_EXPECTED_WIDTH";

    public static TheoryData<int> Widths => new(
        Enum.GetValues<Blake3Width>().Where(width => width <= Blake3Tree.Widest).Select(width => (int)width));

    [Fact]
    public void The_widest_path_of_the_machine_is_taken()
    {
        var expected = Environment.GetEnvironmentVariable(ExpectedWidthVariable) ?? Blake3Tree.Widest.ToString();
        Assert.Equal(expected, Blake3Tree.Widest.ToString());
    }

    [Theory, MemberData(nameof(Widths))]
    public void Official_vectors_hold_at_once_and_byte_by_byte(int lanes)
    {
        var width = (Blake3Width)lanes;
        Assert.Equal(35, Blake3Vectors.All.Count);
        foreach (var vector in Blake3Vectors.All)
        {
            var output = new byte[vector.Hash.Length];
            Blake3.Hash(vector.Input, output, width);
            Assert.Equal(vector.Hash, output);
            Assert.Equal(vector.Hash, Output(new Blake3(width), vector));
            Assert.Equal(vector.KeyedHash, Output(Blake3.Keyed(Blake3Vectors.Key, width), vector));
            Assert.Equal(vector.DeriveKey, Output(Blake3.ForKeyDerivation(Blake3Vectors.Context, width), vector));

            var slow = new Blake3(width);
            foreach (var one in vector.Input)
                slow.Update([one]);
            Assert.Equal(vector.Hash[..32], slow.Finish().ToArray());
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void Any_split_gives_the_same_digest(int lanes)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var input = Input(random, random.Next(700_000));
            var hash = new Blake3((Blake3Width)lanes);
            foreach (var piece in Pieces(random, input))
                hash.Update(input.AsSpan(piece));
            Assert.True(Blake3.Hash(input).AsSpan().SequenceEqual(hash.Finish().ToArray()), $"seed {seed}");
            Assert.Equal(input.Length, hash.Length);
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void Every_number_of_chunks_gives_what_the_portable_path_gives(int lanes)
    {
        var input = Input(new Random(3), 70 * 1024);
        var (expected, actual) = (new byte[32], new byte[32]);
        for (var length = 1000; length <= input.Length; length += 8)
        {
            Blake3.Hash(input.AsSpan(0, length), expected, Blake3Width.Portable);
            Blake3.Hash(input.AsSpan(0, length), actual, (Blake3Width)lanes);
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"length {length}");
        }
    }

    /// <summary>Only the kernel and the single path against each other: nobody hashes 4 TiB in a test.</summary>
    [Theory, MemberData(nameof(Widths))]
    public unsafe void Chunk_numbers_carry_past_32_bits_in_the_middle_of_a_vector(int lanes)
    {
        const int count = 37;
        const ulong first = (1UL << 32) - 5;
        var input = Input(new Random(5), count * 1024);
        var (batch, single) = (new byte[count * 32], new byte[count * 32]);
        fixed (byte* bytes = input, batched = batch, singled = single)
        fixed (uint* key = MemoryMarshal.Cast<byte, uint>(Blake3Vectors.Key))
        {
            Blake3Tree.Chunks(bytes, count, key, Blake3Flags.KeyedHash, first, batched, (Blake3Width)lanes);
            for (var i = 0; i < count; i++)
            {
                Blake3Node.Chunk(input.AsSpan(i * 1024, 1024), key, Blake3Flags.KeyedHash, first + (ulong)i, out var node);
                node.Chain(singled + i * 32);
            }
        }
        Assert.Equal(single, batch);
    }

    [Fact]
    public void Finishing_changes_nothing_and_resetting_forgets_everything()
    {
        var input = Blake3Vectors.Pattern(10_000);
        var hash = new Blake3();
        hash.Update(input.AsSpan(0, 5000));
        Assert.Equal(Blake3.Hash(input.AsSpan(0, 5000)), hash.Finish().ToArray());
        Assert.Equal(hash.Finish(), hash.Finish());
        hash.Update(input.AsSpan(5000));
        Assert.Equal(Blake3.Hash(input), hash.Finish().ToArray());
        hash.Reset();
        Assert.Equal(0, hash.Length);
        Assert.Equal(Blake3.Hash([]), hash.Finish().ToArray());
    }

    [Fact]
    public void An_update_allocates_nothing()
    {
        var input = Input(new Random(1), 1_000_001);
        var hash = new Blake3();
        hash.Update(input);
        var before = GC.GetAllocatedBytesForCurrentThread();
        hash.Update(input);
        hash.Update(input.AsSpan(0, 100));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    internal static byte[] Input(Random random, int length)
    {
        var input = new byte[length];
        random.NextBytes(input);
        return input;
    }

    /// <summary>Cuts at random, often near the edges of chunks, sometimes into nothing.</summary>
    internal static IEnumerable<Range> Pieces(Random random, byte[] input)
    {
        var at = 0;
        while (at < input.Length)
        {
            var size = random.Next(4) switch
            {
                0 => random.Next(3),
                1 => random.Next(2048),
                2 => 1024 * random.Next(1, 40) + random.Next(-1, 2),
                _ => random.Next(input.Length),
            };
            size = Math.Min(size, input.Length - at);
            yield return at..(at + size);
            at += size;
        }
    }

    private static byte[] Output(Blake3 hash, Blake3Vector vector)
    {
        hash.Update(vector.Input);
        var output = new byte[vector.Hash.Length];
        hash.Finish(output);
        return output;
    }
}
