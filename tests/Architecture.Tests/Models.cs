using System.Globalization;
using System.Text.RegularExpressions;
using ArtifactStore.Conformance;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.Architecture.Tests;

/// <summary>
/// Runs every line of the tables in docs/gc/models/README.md: sound models have no error, and without any one of their rules they have one.
/// </summary>
public partial class Models
{
    private const string Folder = "docs/gc/models";

    /// <summary>A run that saw less than this part of the states in the table is another model than the one that was described.</summary>
    private const double LeastPart = 0.9;

    /// <summary>Far beyond the deepest path that any run has; a search that is cut off says so, and fails.</summary>
    private const int Depth = 20_000;
    private const int MemoryMiB = 5_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static TheoryData<string, string, long> SoundRuns =>
        [.. Tables().Where(row => row.Cells is [_, "always" or "full", _, _]).Select(row =>
            (row.Model, Run: row.Cells[1], Switches: Unquoted(row.Cells[0]), States: long.Parse(row.Cells[2], NumberStyles.AllowThousands, CultureInfo.InvariantCulture)))
            .Where(run => Counts.Full || run.Run == "always")
            .Select(run => new TheoryDataRow<string, string, long>(run.Model, run.Switches, run.States))];

    public static TheoryData<string, string, string, string> Mutants =>
        [.. MutantRows().Select(row => new TheoryDataRow<string, string, string, string>(
            row.Model, Unquoted(row.Cells[0]), Unquoted(row.Cells[1]), Unquoted(row.Cells[3])))];

    [Theory, MemberData(nameof(SoundRuns))]
    public async Task A_sound_model_has_no_error(string model, string configuration, long states)
    {
        var answer = await Check(model, configuration, "-O1");
        Assert.True(answer.Contains("errors: 0", StringComparison.Ordinal) && Failure().Match(answer) is { Success: false }, answer);
        Assert.DoesNotContain("max search depth too small", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Search not completed", answer, StringComparison.Ordinal);
        var seen = States().Match(answer);
        Assert.True(seen.Success && long.Parse(seen.Groups[1].Value, CultureInfo.InvariantCulture) >= states * LeastPart, answer);
    }

    [Theory, MemberData(nameof(Mutants))]
    public async Task A_model_without_one_of_its_rules_breaks_the_invariant_that_the_table_names(
        string model, string rule, string configuration, string invariant)
    {
        var answer = await Check(model, $"-D{rule} {configuration}", "-O0");
        var failure = Failure().Match(answer);
        Assert.True(failure.Success, $"nothing broke without the rule: {answer}");
        Assert.Equal(invariant, failure.Groups["name"].Success ? failure.Groups["name"].Value : "end");
    }

    /// <summary>What a model can leave out, and is in no table, nobody checks.</summary>
    [Fact]
    public void Every_switch_of_a_model_and_every_invariant_is_in_its_tables()
    {
        Assert.True(MutantRows().Count() > 40, "the tables have lost mutants, or their form");
        foreach (var section in Tables().GroupBy(row => row.Model, StringComparer.Ordinal))
        {
            var source = File.ReadAllText(Checkout.Path(Folder, section.Key));
            var ownNames = Definition().Matches(source).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
            var named = section.SelectMany(row => row.Cells).SelectMany(cell => Word().Matches(cell)).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
            foreach (var name in Condition().Matches(source).Select(match => match.Groups[1].Value).Where(name => !ownNames.Contains(name)))
                Assert.True(named.Contains(name) || named.Contains($"D{name}"), $"{section.Key}: {name} is in no table of {Folder}/README.md");
            var broken = MutantRows().Where(row => row.Model == section.Key).Select(row => Unquoted(row.Cells[3])).ToHashSet(StringComparer.Ordinal);
            Assert.Subset(Assertion().Matches(source).Select(match => match.Groups[1].Value).Append("end").ToHashSet(StringComparer.Ordinal), broken);
        }
        Assert.Equal(
            Directory.GetFiles(Checkout.Path(Folder), "*.pml").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Tables().Select(row => row.Model).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    /// <param name="model">Its file.</param>
    /// <param name="switches">Of this run.</param>
    /// <param name="optimization">What breaks does so soon; there the compiler would take longer than the search.</param>
    private static async Task<string> Check(string model, string switches, string optimization)
    {
        var spin = Tool.Require("spin");
        var gcc = Tool.Require("gcc");
        using var folder = new TemporaryFolder();
        await Make(spin, [.. switches.Split(' '), "-a", Checkout.Path(Folder, model)], folder);
        await Make(gcc, [optimization, "-w", "-DSAFETY", $"-DMEMLIM={MemoryMiB}", "-o", "pan", "pan.c"], folder);
        // Where everybody is stopped on purpose (REST), an end state is no failure; at the journal it is one.
        string[] ends = model.StartsWith("content-", StringComparison.Ordinal) ? ["-E"] : [];
        var checkedModel = await Execution.Run(folder["pan"], [.. ends, $"-m{Depth}"], directory: folder.Path, atMost: Patience);
        Assert.True(States().IsMatch(checkedModel.Output), $"{model} {switches}: the search did not run: {checkedModel}");
        return $"{model} {switches}\n{checkedModel.Output}";
    }

    private static async Task Make(string program, string[] arguments, TemporaryFolder folder)
    {
        var made = await Execution.Run(program, arguments, directory: folder.Path);
        Assert.True(made.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {made}");
    }

    private static IEnumerable<(string Model, string[] Cells)> MutantRows() =>
        Tables().Where(row => row.Cells is [['`', ..], ['`', '-', ..], _, _, _]);

    /// <summary>The lines of all tables below the heading of a model.</summary>
    private static IEnumerable<(string Model, string[] Cells)> Tables()
    {
        string? model = null;
        foreach (var line in File.ReadLines(Checkout.Path(Folder, "README.md")))
        {
            if (Heading().Match(line) is { Success: true } heading) model = heading.Groups[1].Value;
            else if (line.StartsWith('#')) model = null;
            else if (model is not null && line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal))
                yield return (model, line.Trim('|', ' ').Split(" | ", StringSplitOptions.TrimEntries));
        }
    }

    private static string Unquoted(string cell) => cell.Trim('`');

    [GeneratedRegex("^### `([a-z-]+\\.pml)`$", RegexOptions.None, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"pan:\d+: (assertion violated (?<name>\w+)|invalid end state)", RegexOptions.None, 1000)]
    private static partial Regex Failure();

    [GeneratedRegex(@"^\s*([0-9]+) states, stored", RegexOptions.Multiline, 1000)]
    private static partial Regex States();

    [GeneratedRegex(@"^#ifn?def (\w+)$", RegexOptions.Multiline, 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(@"^#define (\w+)", RegexOptions.Multiline, 1000)]
    private static partial Regex Definition();

    [GeneratedRegex(@"assert\((\w+)\)", RegexOptions.None, 1000)]
    private static partial Regex Assertion();

    [GeneratedRegex(@"\w+", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
