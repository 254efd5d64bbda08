using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Tests.Hashing;

public class Digest256Tests
{
    private const string Hex = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210";

    [Fact]
    public void Bytes_and_hex_come_back_as_they_went_in()
    {
        var bytes = Convert.FromHexString(Hex);
        var digest = Digest256.FromBytes(bytes);
        Assert.Equal(bytes, digest.ToArray());
        Assert.Equal(Hex, digest.ToHex());
        Assert.Equal(Hex, $"{digest}");
        Assert.True(Digest256.TryParseHex(Hex, out var lower));
        Assert.True(Digest256.TryParseHex(Hex.ToUpperInvariant(), out var upper));
        Assert.Equal(digest, lower);
        Assert.Equal(digest, upper);
        Assert.Equal(digest.GetHashCode(), upper.GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("00112233445566778899aabbccddeeff0123456789abcdeffedcba987654321")]
    [InlineData("00112233445566778899aabbccddeeff0123456789abcdeffedcba98765432100")]
    [InlineData("00112233445566778899aabbccddeeff0123456789abcdeffedcba987654321g")]
    [InlineData(" 0112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210")]
    public void What_is_not_64_hex_digits_is_refused(string text)
    {
        Assert.False(Digest256.TryParseHex(text, out var digest));
        Assert.Equal(default, digest);
    }

    [Fact]
    public void The_wrong_number_of_bytes_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Digest256.FromBytes(new byte[31]));
        Assert.Throws<ArgumentException>(() => Digest256.FromBytes(new byte[33]));
        Assert.ThrowsAny<ArgumentException>(() => default(Digest256).CopyTo(new byte[31]));
    }

    [Fact]
    public void The_order_is_that_of_the_bytes()
    {
        var random = new Random(6);
        for (var i = 0; i < 2000; i++)
        {
            // Few distinct bytes, so that digests share prefixes and every word gets to decide.
            var (a, b) = (new byte[32], new byte[32]);
            a.AsSpan().Fill(0x7F);
            b.AsSpan().Fill(0x7F);
            a[random.Next(32)] = (byte)random.Next(256);
            b[random.Next(32)] = (byte)random.Next(256);
            var (left, right) = (Digest256.FromBytes(a), Digest256.FromBytes(b));
            var expected = Math.Sign(a.AsSpan().SequenceCompareTo(b));
            Assert.Equal(expected, Math.Sign(left.CompareTo(right)));
            Assert.Equal(expected == 0, left == right);
            Assert.Equal(expected < 0, left < right);
            Assert.Equal(expected >= 0, left >= right);
        }
    }
}
