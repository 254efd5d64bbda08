using ArtifactStore.Gateway.Shared.Http;
using FsCheck;
using FsCheck.Fluent;
using static ArtifactStore.Gateway.Shared.Http.ByteRanges;

namespace ArtifactStore.Gateway.Tests.Parsing;

public class ByteRangesTests
{
    [Theory]
    [InlineData("bytes=0-0", 10, "0+1")]
    [InlineData("bytes=0-", 10, "0+10")]
    [InlineData("bytes=-3", 10, "7+3")]
    [InlineData("bytes=-30", 10, "0+10")]
    [InlineData("bytes=5-100", 10, "5+5")]
    [InlineData("bytes= 1-2 , 4-5 ", 10, "1+2,4+2")]
    [InlineData("bytes=4-5,1-2", 10, "4+2,1+2")]
    [InlineData("bytes=0-5,3-8", 10, "0+9")]
    [InlineData("bytes=0-1,90-99", 10, "0+2")]
    [InlineData("BYTES=0-1", 10, "0+2")]
    [InlineData("bytes=0-99999999999999999999999", 10, "0+10")]
    public void What_can_be_satisfied_is(string header, long size, string expected)
    {
        Assert.Equal(Verdict.Satisfiable, Parse(header, size, out var ranges));
        Assert.Equal(expected, string.Join(',', ranges.Select(range => $"{range.Offset}+{range.Length}")));
    }

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-0", 0)]
    [InlineData("bytes=-1", 0)]
    [InlineData("bytes=99999999999999999999999-", 10)]
    public void What_lies_outside_is_unsatisfiable(string header, long size) =>
        Assert.Equal(Verdict.Unsatisfiable, Parse(header, size, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=5-1")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=1")]
    [InlineData("bytes=+1-2")]
    [InlineData("lines=0-1")]
    public void What_is_not_understood_is_ignored(string? header) => Assert.Equal(Verdict.Ignore, Parse(header, 10, out _));

    [Fact]
    public void Sixty_four_ranges_are_served_and_one_more_is_too_many()
    {
        Assert.Equal(Verdict.Satisfiable, Parse(Header(MaxRanges), 1000, out var ranges));
        Assert.Equal(MaxRanges, ranges.Count);
        Assert.Equal(Verdict.TooMany, Parse(Header(MaxRanges + 1), 1000, out _));

        static string Header(int count) => "bytes=" + string.Join(',', Enumerable.Range(0, count).Select(i => $"{i * 3}-{(i * 3) + 1}"));
    }

    [Fact]
    public void No_answer_is_larger_than_the_content_and_no_asked_byte_is_left_out()
    {
        var spec = Gen.Zip(Gen.Choose(0, 120), Gen.Choose(0, 120));
        var specs = Gen.Where(Gen.ListOf(spec), list => list.Count is > 0 and <= MaxRanges);
        var cases = Gen.Zip(specs, Gen.Choose(1, 100));
        Prop.ForAll(Arb.From(cases), example =>
        {
            var (asked, size) = example;
            var wellFormed = asked
                .Select(pair => (First: Math.Min(pair.Item1, pair.Item2), Last: Math.Max(pair.Item1, pair.Item2)))
                .ToList();
            var verdict = Parse("bytes=" + string.Join(',', wellFormed.Select(pair => $"{pair.First}-{pair.Last}")), size, out var ranges);
            var wanted = wellFormed
                .SelectMany(pair => Enumerable.Range(pair.First, pair.Last - pair.First + 1))
                .Where(at => at < size)
                .ToHashSet();
            var given = ranges.SelectMany(range => Enumerable.Range((int)range.Offset, (int)range.Length)).ToList();
            var expected = wanted.Count == 0 ? Verdict.Unsatisfiable : Verdict.Satisfiable;
            return verdict == expected && given.Count <= size && wanted.SetEquals(given);
        }).QuickCheckThrowOnFailure();
    }
}
