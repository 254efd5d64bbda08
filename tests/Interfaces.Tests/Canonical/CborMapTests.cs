using System.Formats.Cbor;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Interfaces.Tests.Canonical;

public class CborMapTests
{
    [Fact]
    public void Fields_written_in_any_order_give_the_same_canonical_bytes()
    {
        var one = CborMapWriter.Encode(0, static (map, _) => map.Int64("size", long.MaxValue).Text("id", "x").Bool("b", true));
        var two = CborMapWriter.Encode(0, static (map, _) => map.Bool("b", true).Int64("size", long.MaxValue).Text("id", "x"));
        Assert.Equal("a36162f562696461786473697a651b7fffffffffffffff", Convert.ToHexStringLower(one));
        Assert.Equal(one, two);
    }

    [Fact]
    public void What_was_written_is_read_by_name()
    {
        var document = Documents.FromJson("""{"k":[1,2.5,null]}""");
        var record = CborMapReader.Parse(CborMapWriter.Encode(document, static (map, nested) => map
            .Text("text", "größe").Int64("min", long.MinValue).Int64("max", long.MaxValue).Bool("no", false).Bytes("raw", [1, 2, 3])
            .Bytes("empty", ReadOnlySpan<byte>.Empty).Document("doc", nested).Texts("names", ["b", "a"])
            .Map("inner", 7, static (inner, n) => inner.Int64("n", n))
            .Maps("list", [1, 2], static (item, n) => item.Int64("n", n))));
        Assert.Equal("größe", record.Text("text"));
        Assert.Equal(long.MinValue, record.Int64("min"));
        Assert.Equal(long.MaxValue, record.Int64("max"));
        Assert.False(record.Bool("no"));
        Assert.Equal([1, 2, 3], record.Bytes("raw"));
        Assert.Empty(record.Bytes("empty"));
        Assert.Equal(document, record.Document("doc"));
        Assert.Equal(["b", "a"], record.Texts("names"));
        Assert.Equal(7, record.Map("inner").Int64("n"));
        Assert.Equal([1, 2], record.Maps("list").Select(item => item.Int64("n")));
    }

    [Fact]
    public void Absence_has_one_spelling_and_null_reads_as_absence()
    {
        var absent = CborMapWriter.Encode(0, static (map, _) => map
            .Text("t", null).Int64("i", null).Bool("b", null).Bytes("r", (byte[]?)null).Document("d", null).Texts("s", null));
        Assert.Equal([0xa0], absent);
        foreach (var record in new[] { CborMapReader.Parse(absent), CborMapReader.Parse(Convert.FromHexString("a26169f66174f6")) })
        {
            Assert.False(record.Has("t"));
            Assert.Null(record.OptionalText("t"));
            Assert.Null(record.OptionalInt64("i"));
            Assert.Contains("\"t\" is missing", Assert.Throws<FormatException>(() => record.Text("t")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Unknown_fields_are_ignored() =>
        Assert.Equal(1, CborMapReader.Parse(Convert.FromHexString("a2616e01676e65772d6f6e6581a0")).Int64("n"));

    [Theory]
    [InlineData("80", "not a map")]
    [InlineData("01", "not a map")]
    [InlineData("", "end inside")]
    [InlineData("a16161", "end inside")]
    [InlineData("a2616201616102", "order")]
    [InlineData("a161611b8000000000000000", "64 bits")]
    [InlineData("a0a0", "follow")]
    [InlineData("a10101", "text")]
    public void I07_decoding_anything_but_a_canonical_map_is_an_error(string hex, string because)
    {
        var failure = Assert.Throws<FormatException>(() => CborMapReader.Parse(Convert.FromHexString(hex)));
        Assert.Contains(because, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_of_the_wrong_type_is_named()
    {
        var record = CborMapReader.Parse(Convert.FromHexString("a16161820141ff"));
        foreach (var read in new Action[]
        {
            () => record.Text("a"), () => record.Int64("a"), () => record.Bool("a"), () => record.Bytes("a"), () => record.Map("a"),
            () => record.Texts("a"), () => record.Maps("a"), () => record.Document("a"),
        })
            Assert.Contains("\"a\"", Assert.Throws<FormatException>(read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_encoding_leaves_nothing_behind_and_a_nested_one_does_not_interfere()
    {
        Assert.ThrowsAny<Exception>(() => CborMapWriter.Encode(0, static (map, _) => map.Text("a", "x").Text("a", "y")));
        Assert.ThrowsAny<Exception>(() => CborMapWriter.Encode(0, static (map, _) => map.Text("a", "\ud800")));
        var outer = CborMapWriter.Encode(0, static (map, _) =>
            map.Text("a", "x").Bytes("b", CborMapWriter.Encode(1, static (inner, n) => inner.Int64("n", n))));
        Assert.Equal("a261616178616244a1616e01", Convert.ToHexStringLower(outer));
    }

    [Fact]
    public void Encoding_allocates_little_more_than_its_result()
    {
        static byte[] Encode() => CborMapWriter.Encode(42L, static (map, n) => map
            .Text("relative_path", "logs/build.log").Text("media_type", "text/plain").Int64("size_bytes", n)
            .Text("content_address", "blake3:00"));
        for (var i = 0; i < 1000; i++)
            Encode();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Encode();
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 1, 1024);
    }

    [Fact]
    public void The_framework_reads_what_is_written()
    {
        var bytes = CborMapWriter.Encode(0, static (map, _) =>
            map.Int64("zz", -1).Text("a", "b").Document("m", CanonicalDocument.EmptyMap));
        var reader = new CborReader(bytes, CborConformanceMode.Canonical);
        reader.SkipValue();
        Assert.Equal(0, reader.BytesRemaining);
    }
}
