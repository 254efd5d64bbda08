using System.Text;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Interfaces.Tests.Canonical;

/// <summary>RFC 8785: its published samples, then the engine it was written for.</summary>
public class JcsTests
{
    [Fact]
    public void The_sample_of_section_3_2_2_comes_out_as_published()
    {
        const string Sample = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        const string Published =
            "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b"
            + "33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d";
        Assert.Equal(Published, Convert.ToHexStringLower(Documents.FromJson(Sample).ToJcs()));
    }

    [Fact]
    public void The_sample_of_section_3_2_3_is_ordered_as_published()
    {
        const string Sample = """
            {"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
             "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}
            """;
        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
            + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
            + "\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
            Documents.FromJson(Sample).ToJson());
    }

    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void The_number_table_of_appendix_B_is_met(string bits, string text) =>
        Assert.Equal(text, EcmaNumber.Format(BitConverter.Int64BitsToDouble(Convert.ToInt64(bits, 16))));

    [Fact]
    public void A_number_whose_round_trip_format_is_broken_in_the_framework_keeps_its_last_digit() =>
        Assert.Equal("4.1045368012983762e-289", EcmaNumber.Format(4.1045368012983762e-289));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_not_finite_has_no_text(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => EcmaNumber.Format(value));

    [Fact]
    public async Task Numbers_agree_with_the_engine()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 50_000).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)))
            .Concat(Enumerable.Range(0, 20_000).Select(_ => random.NextDouble() * Math.Pow(10, random.Next(-12, 24))))
            .Concat(Enumerable.Range(-1074, 2098).Select(power => Math.ScaleB(1, power)))
            .Where(double.IsFinite).ToArray();
        var expected = await Oracle.JcsAsync(values.Select(value => $"#{BitConverter.DoubleToInt64Bits(value):x16}"));
        Assert.Equal(values.Length, expected.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(expected[i], EcmaNumber.Format(values[i]));
    }

    [Fact]
    public async Task Documents_agree_with_the_engine()
    {
        var random = new Random(5);
        var lines = Enumerable.Range(0, 3000).Select(_ => Documents.Json(Documents.Any(random))).ToArray();
        var expected = await Oracle.JcsAsync(lines);
        Assert.Equal(lines.Length, expected.Length);
        for (var i = 0; i < lines.Length; i++)
            Assert.Equal(expected[i], Encoding.UTF8.GetString(Documents.FromJson(lines[i]).ToJcs()));
    }
}
