using ArtifactStore.Gateway.Shared.Http;

namespace ArtifactStore.Gateway.Tests.Parsing;

public class RawTargetTests
{
    [Theory]
    [InlineData("/packages/1/files/a/b.txt", "/packages/1/files/a/b.txt")]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/a%2Fb", "/a/b")]
    [InlineData("/%C3%A9", "/é")]
    [InlineData("/a?b=/../c", "/a")]
    [InlineData("http://host:80/a/b?c", "/a/b")]
    [InlineData("http://host", "/")]
    [InlineData("/a..b/...", "/a..b/...")]
    public void A_path_is_decoded_once(string target, string expected)
    {
        Assert.Null(RawTarget.TryDecode(target, out var path));
        Assert.Equal(expected, path);
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/.%2E/b")]
    [InlineData("/a/%2E/b")]
    [InlineData("/a/./b")]
    [InlineData("/..")]
    [InlineData("/a%2f..%2fb")]
    [InlineData("http://host/a/../b")]
    public void A_path_that_climbs_is_refused_however_it_is_spelt(string target) => Assert.NotNull(RawTarget.TryDecode(target, out _));

    [Theory]
    [InlineData("/%00")]
    [InlineData("/%ff")]
    [InlineData("/%c3")]
    [InlineData("/%")]
    [InlineData("/%2")]
    [InlineData("/%zz")]
    [InlineData("/é")]
    [InlineData("/%c0%ae%c0%ae/b")]
    [InlineData("/%ed%a0%80")]
    public void A_path_that_is_no_text_is_refused(string target) => Assert.NotNull(RawTarget.TryDecode(target, out _));
}
