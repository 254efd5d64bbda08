using System.Globalization;

namespace ArtifactStore.Benchmarks.Suite;

/// <summary>The values of one side, a value a round.</summary>
internal sealed class Series(string name, Func<double, string> format)
{
    private readonly List<double> _values = [];

    public string Name => name;

    public double Last => _values[^1];

    public double Median => Middle([.. _values.Order()]);

    public void Add(double value) => _values.Add(value);

    public string Format(double value) => format(value);

    /// <summary>The median, and what it swung between.</summary>
    public override string ToString() =>
        _values.Count == 1 ? format(Median) : $"{format(Median)} ({format(_values.Min())} to {format(_values.Max())})";

    /// <summary>
    /// Round by round, because what disturbs a shared machine disturbs neighbours in time alike: the median of the ratios is steadier
    /// than the ratio of the medians.
    /// </summary>
    public static Series Ratio(Series above, Series below) =>
        Combine($"{above.Name} / {below.Name}", Units.Times, above, below, (a, b) => a / b);

    public static Series Combine(string name, Func<double, string> format, Series one, Series other, Func<double, double, double> combine)
    {
        var combined = new Series(name, format);
        foreach (var (a, b) in one._values.Zip(other._values)) combined.Add(combine(a, b));
        return combined;
    }

    private static double Middle(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}

internal static class Units
{
    private const double Mebi = 1024 * 1024;

    public static string Seconds(double value) => value < 0.1 ? Text($"{value * 1000:0.00} ms") : Text($"{value:0.00} s");

    public static string PerSecond(double value) => Text($"{value:#,0}/s");

    public static string MegabytesPerSecond(double bytesPerSecond) => Text($"{bytesPerSecond / 1e6:#,0} MB/s");

    public static string Megabytes(double bytes) => Text($"{bytes / 1e6:#,0} MB");

    public static string Mebibytes(double bytes) => Text($"{bytes / Mebi:#,0} MiB");

    public static string Times(double value) => Text($"{value:0.00} x");

    public static string Count(double value) => Text($"{value:#,0}");

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
