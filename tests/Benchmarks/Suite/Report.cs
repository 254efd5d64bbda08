using System.Text;

namespace ArtifactStore.Benchmarks.Suite;

/// <summary>One line of the table. <paramref name="Met"/> is null where no goal was set or the other side is absent.</summary>
internal sealed record Row(string Measure, string Ours, string Other, string Ratio, string Goal, bool? Met);

/// <summary>What a number must be for the project to keep its word.</summary>
internal sealed record Goal(double Bound, bool AtLeast, Func<double, string> Format)
{
    public static Goal AtLeastTimes(double bound) => new(bound, AtLeast: true, Units.Times);

    public static Goal AtMostTimes(double bound) => new(bound, AtLeast: false, Units.Times);

    public bool Met(double value) => AtLeast ? value >= Bound : value <= Bound;

    public override string ToString() => $"at {(AtLeast ? "least" : "most")} {Format(Bound)}";
}

internal sealed class Report(bool quick)
{
    private readonly List<Row> _rows = [];

    public void Add(Row row) => _rows.Add(quick ? row with { Met = null } : row);

    /// <summary>Two sides and their ratio, computed round by round.</summary>
    public void Compare(string measure, Series ours, Series? other, Series? ratio, Goal? goal) => Add(new(
        measure, ours.ToString(), other is null ? "" : $"{other.Name}: {other}", ratio?.ToString() ?? "", goal?.ToString() ?? "",
        ratio is null ? null : goal?.Met(ratio.Median)));

    /// <summary>A number that has to be good by itself.</summary>
    public void Absolute(string measure, Series ours, Goal? goal, string beside = "") =>
        Add(new(measure, ours.ToString(), beside, "", goal?.ToString() ?? "", goal?.Met(ours.Median)));

    public string ToMarkdown()
    {
        var table = new StringBuilder("| measure | Artifact Store | other | ratio | goal | met? |\n|---|---|---|---|---|---|\n");
        foreach (var row in _rows)
        {
            var met = row.Met switch { true => "yes", false => "**no**", null => "" };
            table.Append($"| {row.Measure} | {row.Ours} | {row.Other} | {row.Ratio} | {row.Goal} | {met} |\n");
        }
        if (quick) table.Append("\nTiny sizes, one round: this shows that everything runs. The numbers mean nothing.\n");
        return table.ToString();
    }
}
