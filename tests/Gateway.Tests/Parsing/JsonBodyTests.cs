using System.Text;
using ArtifactStore.Gateway.Shared.Http;

namespace ArtifactStore.Gateway.Tests.Parsing;

public class JsonBodyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":{\"b\":1,\"b\":2}}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("// x\n{}")]
    public void What_is_not_one_strict_object_is_refused(string json) =>
        Assert.Equal("json_malformed", JsonBody.Parse(Encoding.UTF8.GetBytes(json)).Error!.Code);

    [Fact]
    public void Text_that_is_not_utf8_is_refused() =>
        Assert.Equal("json_malformed", JsonBody.Parse([(byte)'{', 0xff, (byte)'}']).Error!.Code);

    [Fact]
    public void Depth_is_bounded()
    {
        Assert.True(JsonBody.Parse(Nested(JsonBody.MaxDepth)).Succeeded);
        Assert.Equal("json_malformed", JsonBody.Parse(Nested(JsonBody.MaxDepth + 1)).Error!.Code);

        static byte[] Nested(int depth) =>
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1));
    }

    [Theory]
    [InlineData("{}", "'name' is missing")]
    [InlineData("{\"name\":1}", "'name' must be a text")]
    [InlineData("{\"name\":null}", "'name' must be a text")]
    [InlineData("{\"name\":\"\\ud800\"}", "'name' is not valid Unicode")]
    [InlineData("{\"name\":\"x\",\"nmae\":1}", "'nmae' is not a field of this request")]
    [InlineData("{\"name\":\"x\",\"metadata\":[]}", "'metadata' must be an object")]
    public void A_fault_names_its_field(string json, string expected)
    {
        using var document = JsonBody.Parse(Encoding.UTF8.GetBytes(json)).Value!;
        var fields = new JsonFields(document.RootElement);
        fields.RequiredText("name");
        fields.OptionalDocument("metadata");
        Assert.Equal(expected, fields.Fault()!.Detail);
    }
}
