using System.Security.Cryptography;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Hashing;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Tests.Parsing;

public class DigestHeadersTests
{
    private static readonly byte[] Sha256 = SHA256.HashData("x"u8);
    private static readonly string Field = $"sha-256=:{Convert.ToBase64String(Sha256)}:";

    [Fact]
    public void Both_digests_are_understood_and_others_are_skipped()
    {
        var blake3 = Convert.ToBase64String(Blake3.Hash("x"u8).ToArray());
        Assert.True(DigestHeaders.TryParse($"{Field}, blake3=:{blake3}:, sha-512=:AAAA:", out var digests));
        Assert.Equal(Digest256.FromBytes(Sha256), digests.Sha256);
        Assert.Equal(Digest256.FromBytes(Convert.FromBase64String(blake3)), digests.Blake3);
    }

    [Theory]
    [InlineData("sha-256=abc")]
    [InlineData("sha-256=::")]
    [InlineData("sha-256=:AAAA:")]
    [InlineData("sha-256")]
    [InlineData("=:AAAA:")]
    [InlineData("sha-256=:!!!!:")]
    [InlineData(" ")]
    public void What_is_malformed_is_refused(string header) => Assert.False(DigestHeaders.TryParse(header, out _));

    [Fact]
    public void Announcements_that_contradict_each_other_are_refused()
    {
        var headers = new HeaderDictionary
        {
            [DigestHeaders.ContentDigest] = Field,
            [DigestHeaders.ContentAddressHeader] = $"sha256:{new string('0', 64)}",
        };
        Assert.Equal("request_malformed", DigestHeaders.Expected(headers).Error!.Code);
    }

    [Fact]
    public void An_address_and_a_digest_of_the_same_bytes_agree()
    {
        var headers = new HeaderDictionary
        {
            [DigestHeaders.ContentDigest] = Field,
            [DigestHeaders.ContentAddressHeader] = $"sha256:{Convert.ToHexString(Sha256)}",
        };
        Assert.Equal(new ExpectedDigests(Sha256: Digest256.FromBytes(Sha256)), DigestHeaders.Expected(headers).Value);
    }

    [Fact]
    public void Nothing_announced_is_nothing_expected() =>
        Assert.Equal(ExpectedDigests.None, DigestHeaders.Expected(new HeaderDictionary()).Value);

    [Fact]
    public void A_wrong_digest_is_refused_and_a_right_one_is_not()
    {
        var actual = new ContentDigests(Digest256.FromBytes(Sha256), Digest256.FromBytes(Sha256), 1);
        Assert.Null(new ExpectedDigests(Sha256: actual.Sha256).Refuse(actual));
        Assert.Equal("digest_mismatch", new ExpectedDigests(Sha256: Digest256.FromBytes(new byte[32])).Refuse(actual)!.Code);
        Assert.Equal("digest_mismatch", new ExpectedDigests(Blake3: Digest256.FromBytes(new byte[32])).Refuse(actual)!.Code);
    }
}
