using System.Text.RegularExpressions;

namespace ArtifactStore.Architecture.Tests;

/// <summary>
/// docs/ACCEPTANCE.md and the invariants of docs/ARCHITECTURE.md point at tests; a pointer at nothing is worse than none.
/// </summary>
public partial class AcceptanceTable
{
    /// <summary>The sections of the inventory that the table answers for, and how many rows each has.</summary>
    private static readonly (string Section, int Rows, int Digits)[] Inventory =
        [("C", 29, 2), ("K", 16, 2), ("H", 21, 2), ("I", 8, 2), ("E", 6, 2), ("D", 2, 2), ("P", 7, 2), ("R", 16, 2), ("F", 5, 1)];

    [Fact]
    public void Every_row_of_the_inventory_is_answered_once()
    {
        var expected = Inventory.SelectMany(section =>
            Enumerable.Range(1, section.Rows).Select(row => section.Section + row.ToString($"D{section.Digits}")));
        var answered = Rows().Select(row => row[0]).Where(row => RowId().IsMatch(row)).ToList();
        Assert.Equal(answered.Distinct(), answered);
        Assert.Empty(expected.Except(answered));
        Assert.Empty(answered.Except(expected));
    }

    [Fact]
    public void Every_test_that_is_named_exists_in_its_file()
    {
        var named = 0;
        foreach (var row in Rows())
        {
            foreach (var (file, test) in Named(row[^1]))
            {
                named++;
                Assert.True(File.Exists(Checkout.Path("tests", file)), $"{row[0]}: tests/{file} does not exist");
                var source = File.ReadAllText(Checkout.Path("tests", file));
                Assert.True(source.Contains($" {test}(", StringComparison.Ordinal), $"{row[0]}: tests/{file} has no test {test}");
            }
        }
        Assert.True(named > 100, $"only {named} tests are named: has the form of the table changed?");
    }

    [Fact]
    public void A_row_is_proved_by_a_test_named_after_it_or_says_why_not()
    {
        foreach (var row in Rows().Where(row => RowId().IsMatch(row[0])))
        {
            if (row[^1].StartsWith("later:", StringComparison.Ordinal)) continue;
            Assert.True(
                Named(row[^1]).Any(named => named.Test.Split('_').Contains(row[0], StringComparer.Ordinal)),
                $"no test of row {row[0]} bears its name");
        }
    }

    [Fact]
    public void Every_clause_has_a_test()
    {
        foreach (var row in Rows().Where(row => !row[^1].StartsWith("later:", StringComparison.Ordinal)))
        {
            Assert.True(Named(row[^1]).Any(), $"{row[0]} has no test");
        }
    }

    /// <summary>A path is written whole, or as the name of a neighbour of the one before it.</summary>
    [Fact]
    public void Every_invariant_points_at_tests_that_exist()
    {
        var invariants = Tables("docs/ARCHITECTURE.md").Where(row => Invariant().IsMatch(row[0])).ToList();
        Assert.True(invariants.Count >= 30, $"only {invariants.Count} invariants: has the form of the table changed?");
        foreach (var row in invariants)
        {
            string? before = null;
            foreach (var path in Quoted().Matches(row[^1]).Select(match => match.Groups[1].Value))
            {
                var file = path.Contains('/', StringComparison.Ordinal) ? path : $"{Path.GetDirectoryName(before)}/{path}";
                Assert.True(Path.Exists(Checkout.Path(file)), $"{row[0]}: {file} does not exist");
                before = file;
            }
            Assert.True(before is not null, $"{row[0]} names no test");
        }
    }

    private static IEnumerable<string[]> Rows() => Tables("docs/ACCEPTANCE.md").Where(row => row[0] is not ("row" or "clause"));

    /// <summary>The cells of every line that is a line of a table.</summary>
    private static IEnumerable<string[]> Tables(string document) =>
        File.ReadLines(Checkout.Path(document.Split('/')))
            .Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | ", StringSplitOptions.TrimEntries));

    /// <summary><c>`File.cs`: `test`, `test`</c>, several of these in one cell.</summary>
    private static IEnumerable<(string File, string Test)> Named(string cell)
    {
        string? file = null;
        foreach (var word in Quoted().Matches(cell).Select(match => match.Groups[1].Value))
        {
            if (word.EndsWith(".cs", StringComparison.Ordinal)) file = word;
            else if (file is not null && TestName().IsMatch(word)) yield return (file, word);
        }
    }

    [GeneratedRegex("`([^`]+)`", RegexOptions.None, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex("^[CKHIEDPRF][0-9]{1,2}$", RegexOptions.None, 1000)]
    private static partial Regex RowId();

    [GeneratedRegex("^[JCPD][0-9]{1,2}$", RegexOptions.None, 1000)]
    private static partial Regex Invariant();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*_[A-Za-z0-9_]+$", RegexOptions.None, 1000)]
    private static partial Regex TestName();
}
