using System.Formats.Cbor;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ArtifactStore.Interfaces.Canonical;
using FsCheck;
using FsCheck.Fluent;

namespace ArtifactStore.Interfaces.Tests.Canonical;

public class CanonicalDocumentTests
{
    [Theory]
    [InlineData("null", "f6")]
    [InlineData("[true,false]", "82f5f4")]
    [InlineData("23", "17")]
    [InlineData("24", "1818")]
    [InlineData("-1", "20")]
    [InlineData("9007199254740991", "1b001fffffffffffff")]
    [InlineData("-9007199254740991", "3b001ffffffffffffe")]
    [InlineData("1.5", "f93e00")]
    [InlineData("100000.5", "fa47c35040")]
    [InlineData("1.1", "fb3ff199999999999a")]
    [InlineData("1e21", "fb444b1ae4d6e2ef50")]
    [InlineData("{\"aa\":1,\"b\":2}", "a261620262616101")]
    public void A_value_has_one_known_encoding(string json, string hex)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(Documents.FromJson(json).Cbor.Span));
        Assert.Null(Documents.RefusalOfCbor(hex));
    }

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("1e3", "1000")]
    [InlineData("\"\\u0061\"", "\"a\"")]
    [InlineData(" { \"b\" : 1 , \"a\" : 2 } ", "{\"a\":2,\"b\":1}")]
    public void Two_spellings_of_one_value_are_equal(string left, string right)
    {
        Assert.Equal(Documents.FromJson(left), Documents.FromJson(right));
        Assert.Equal(Documents.FromJson(left).GetHashCode(), Documents.FromJson(right).GetHashCode());
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("{", "JSON")]
    [InlineData("[1,]", "comma")]
    [InlineData("1 2", "after")]
    [InlineData("/* no */ 1", "'/'")]
    [InlineData("{\"a\":1,\"\\u0061\":2}", "duplicate key \"a\"")]
    [InlineData("9007199254740992", "2^53-1")]
    [InlineData("-9007199254740992", "2^53-1")]
    [InlineData("123456789012345678901234567890", "2^53-1")]
    [InlineData("9007199254740993.0", "2^53")]
    [InlineData("1e20", "10^21")]
    [InlineData("1e400", "range of a double")]
    [InlineData("\"\\ud800\"", "surrogate")]
    [InlineData("{\"\\udc00\":1}", "surrogate")]
    [InlineData("\"\\u0000\"", "U+0000")]
    [InlineData("{\"a\\u0000\":1}", "U+0000")]
    public void Json_that_some_reader_would_change_is_refused(string json, string because) =>
        Assert.Contains(because, Documents.RefusalOfJson(json), StringComparison.Ordinal);

    [Fact]
    public void Json_that_is_not_UTF8_is_refused() =>
        Assert.False(CanonicalDocument.TryFromJson([(byte)'"', 0xc3, 0x28, (byte)'"'], CanonicalLimits.Default, out _, out _));

    [Theory]
    [InlineData("", "end inside")]
    [InlineData("1801", "shortest")]
    [InlineData("190018", "shortest")]
    [InlineData("1a0000ffff", "shortest")]
    [InlineData("1b00000000ffffffff", "shortest")]
    [InlineData("780161", "shortest")]
    [InlineData("1b0020000000000000", "2^53-1")]
    [InlineData("3b001fffffffffffff", "2^53-1")]
    [InlineData("3bffffffffffffffff", "2^53-1")]
    [InlineData("fb3ff8000000000000", "shortest")]
    [InlineData("fa3fc00000", "shortest")]
    [InlineData("f93c00", "as an integer")]
    [InlineData("f98000", "as an integer")]
    [InlineData("fb4340000000000000", "10^21")]
    [InlineData("f97e00", "NaN")]
    [InlineData("f97c00", "NaN")]
    [InlineData("9fff", "indefinite")]
    [InlineData("7f6161ff", "indefinite")]
    [InlineData("bfff", "indefinite")]
    [InlineData("1c", "reserved")]
    [InlineData("c000", "tags")]
    [InlineData("4161", "byte strings")]
    [InlineData("f7", "simple")]
    [InlineData("f818", "simple")]
    [InlineData("ff", "indefinite")]
    [InlineData("a10101", "keys must be text")]
    [InlineData("a2616101616102", "duplicate")]
    [InlineData("a2616201616102", "order")]
    [InlineData("a262616101616202", "order")]
    [InlineData("61ff", "UTF-8")]
    [InlineData("63eda080", "UTF-8")]
    [InlineData("6100", "U+0000")]
    [InlineData("0000", "follow")]
    [InlineData("82", "end inside")]
    [InlineData("9bffffffffffffffff", "end inside")]
    [InlineData("bbffffffffffffffff", "end inside")]
    [InlineData("7bffffffffffffffff", "end inside")]
    public void Cbor_that_is_not_canonical_is_refused(string hex, string because) =>
        Assert.Contains(because, Documents.RefusalOfCbor(hex), StringComparison.Ordinal);

    [Fact]
    public void Depth_is_bounded_in_both_encodings()
    {
        var deepest = new string('[', CanonicalLimits.DefaultMaxDepth) + new string(']', CanonicalLimits.DefaultMaxDepth);
        var document = Documents.FromJson(deepest);
        Assert.True(CanonicalDocument.TryFromCbor(document.Cbor, out _, out _));
        Assert.NotNull(Documents.RefusalOfJson($"[{deepest}]"));
        Assert.Contains("deep", Documents.RefusalOfCbor("81" + Convert.ToHexString(document.Cbor.Span)), StringComparison.Ordinal);
    }

    [Fact]
    public void Size_is_bounded_in_both_encodings()
    {
        var limits = new CanonicalLimits(MaxBytes: 10);
        Assert.True(CanonicalDocument.TryFromJson("\"123456789\""u8, limits, out var document, out _));
        Assert.False(CanonicalDocument.TryFromJson("\"1234567890\""u8, limits, out _, out var tooLong));
        Assert.Contains("more than the allowed 10", tooLong, StringComparison.Ordinal);
        Assert.False(CanonicalDocument.TryFromJson(Encoding.UTF8.GetBytes(new string(' ', 80) + "1"), limits, out _, out _));
        Assert.False(CanonicalDocument.TryFromCbor(document.Cbor, new CanonicalLimits(MaxBytes: 9), out _, out _));
    }

    [Fact]
    public void A_document_keeps_its_own_bytes()
    {
        byte[] bytes = [0x61, (byte)'a'];
        Assert.True(CanonicalDocument.TryFromCbor(bytes, out var document, out _));
        bytes[1] = (byte)'b';
        Assert.Equal("\"a\"", document.ToJson());
    }

    [Fact]
    public void Top_level_scalars_are_listed_as_index_text()
    {
        var document = Documents.FromJson("""{"s":"x y","i":-5,"d":1.50,"t":true,"n":null,"a":[1],"m":{"k":"v"},"e":""}""");
        Assert.Equal(
            "d=1.5 e= i=-5 n=null s=x y t=true",
            string.Join(' ', document.EnumerateTopLevel().Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal)));
        Assert.Empty(Documents.FromJson("[1]").EnumerateTopLevel());
    }

    [Fact]
    public void A_parsed_element_and_its_text_give_the_same_document()
    {
        using var json = JsonDocument.Parse("""{"outer":{"b":1.0,"a":"\u20ac"}}""");
        Assert.True(CanonicalDocument.TryFromJson(json.RootElement.GetProperty("outer"), CanonicalLimits.Default, out var document, out _));
        Assert.Equal("""{"a":"€","b":1}""", document.ToJson());
    }

    [Fact]
    public void I04_cbor_to_jcs_to_cbor_is_the_identity() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var document = Documents.FromJson(Documents.Json(Documents.Any(new Random(seed))));
            return CanonicalDocument.TryFromJson(document.ToJcs(), CanonicalLimits.Default, out var again, out _) && again == document
                && CanonicalDocument.TryFromCbor(document.Cbor, out var stored, out _) && stored == document;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Json_keeps_its_value_through_a_document() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var node = JsonNode.Parse(Documents.Json(Documents.Any(new Random(seed))));
            return JsonNode.DeepEquals(node, JsonNode.Parse(Documents.FromJson(Documents.Json(node)).ToJcs()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Any_text_survives() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            // The serializer scrubs lone surrogates, so every text but one with U+0000 must come back as it was.
            var json = JsonSerializer.Serialize((text ?? "") + "\ud83d\ude00");
            return json.Contains("\\u0000", StringComparison.Ordinal)
                ? Documents.RefusalOfJson(json) is not null
                : Documents.FromJson(json).Root.AsText() == JsonSerializer.Deserialize<string>(json);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Mutated_bytes_are_refused_or_still_canonical_for_the_framework()
    {
        var random = new Random(7);
        var accepted = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Documents.FromJson(Documents.Json(Documents.Any(random))).Cbor.ToArray();
            for (var change = random.Next(3); change >= 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!CanonicalDocument.TryFromCbor(bytes, out var document, out _))
                continue;
            accepted++;
            var reader = new CborReader(bytes, CborConformanceMode.Canonical);
            reader.SkipValue();
            Assert.Equal(0, reader.BytesRemaining);
            Assert.Equal(document, Documents.FromJson(document.ToJson()));
        }

        Assert.InRange(accepted, 1000, 19_000);
    }

    [Fact]
    public async Task I05_encodings_agree_with_an_independent_implementation()
    {
        var random = new Random(11);
        var lines = Enumerable.Range(0, 2000).Select(_ => Documents.Json(Documents.Any(random))).ToArray();
        var expected = await Oracle.CborAsync(lines);
        Assert.Equal(lines.Length, expected.Length);
        for (var i = 0; i < lines.Length; i++)
            Assert.Equal(expected[i], Convert.ToHexStringLower(Documents.FromJson(lines[i]).Cbor.Span));
    }
}
