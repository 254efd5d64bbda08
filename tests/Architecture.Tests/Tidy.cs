using System.Text.RegularExpressions;

namespace ArtifactStore.Architecture.Tests;

/// <summary>What a reader may count on in every file. Exceptions are named here, with the reason.</summary>
public partial class Tidy
{
    private const int MaxLines = 400;

    /// <summary>140 is the aim; what a sentence in quotes or a row of a table needs beyond it ends here.</summary>
    private const int MaxColumns = 160;
    private const int MaxColumnsOfTests = 190;

    /// <summary>file -> why it may be longer.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    [Fact]
    public void Files_are_short()
    {
        foreach (var file in Checkout.Sources("src"))
        {
            var lines = File.ReadLines(file).Count();
            Assert.True(lines <= MaxLines || LongFiles.ContainsKey(Checkout.Relative(file)), $"{Checkout.Relative(file)} has {lines} lines; is a room missing?");
        }
    }

    [Fact]
    public void No_exception_outlives_its_reason()
    {
        foreach (var file in LongFiles.Keys) Assert.True(File.ReadLines(Checkout.Path(file)).Count() > MaxLines, $"{file} is short again");
    }

    [Fact]
    public void Lines_fit_the_screen()
    {
        foreach (var file in Checkout.Sources("src").Concat(Checkout.Sources("tests")))
        {
            var most = file.Contains("/tests/", StringComparison.Ordinal) ? MaxColumnsOfTests : MaxColumns;
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                Assert.True(line.Length <= most || line.Contains("\"\"\"", StringComparison.Ordinal), $"{Checkout.Relative(file)}:{number} has {line.Length} columns");
            }
        }
    }

    [Fact]
    public void Nothing_is_left_to_do()
    {
        foreach (var file in Checkout.Sources("src").Concat(Checkout.Sources("tests")).Where(file => !file.EndsWith("/Tidy.cs", StringComparison.Ordinal)))
        {
            Assert.False(LeftOver().IsMatch(File.ReadAllText(file)), $"{Checkout.Relative(file)} holds a note to self");
        }
    }

    [Fact]
    public void Names_say_what_a_thing_is()
    {
        foreach (var file in Checkout.Sources("src"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.False(VagueName().IsMatch(name), $"{Checkout.Relative(file)}: a vague name");
        }
    }

    [Fact]
    public void Only_the_composition_root_reads_the_wall_clock_or_rolls_dice()
    {
        foreach (var file in Checkout.Sources("src").Where(file => !file.Contains("/src/Silo/", StringComparison.Ordinal)))
        {
            foreach (var line in File.ReadLines(file).Where(line => line.Contains("#pragma warning disable RS0030", StringComparison.Ordinal)))
            {
                Assert.Contains("//", line, StringComparison.Ordinal);
            }
        }
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException", RegexOptions.None, 1000)]
    private static partial Regex LeftOver();

    [GeneratedRegex("(Manager|Helper|Helpers|Utils|Utilities|Misc|Common)$", RegexOptions.None, 1000)]
    private static partial Regex VagueName();
}
