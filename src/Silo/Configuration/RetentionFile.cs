using System.Globalization;
using System.Text.RegularExpressions;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Silo.Configuration;

/// <summary>
/// The lifetimes of the retention classes from a file, in the part of TOML that such a file needs: one table for each class, with
/// <c>default_duration_seconds</c> or, for one that never expires, without. Anything else is refused with its line: what is passed over
/// would be kept too long, or not long enough.
/// </summary>
internal static partial class RetentionFile
{
    private const string Variable = "ARTIFACTSTORE_RETENTION_CONFIG_PATH";
    private const string Permanent = "permanent-record";
    private const long MaxSeconds = 1_000L * 366 * 86_400;

    /// <summary>Class to lifetime; null never expires. A class that the file does not name keeps its own.</summary>
    public static IReadOnlyDictionary<string, long?> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path), path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{Variable} names '{path}', which cannot be read: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    private static Dictionary<string, long?> Parse(string[] lines, string path)
    {
        var lifetimes = new Dictionary<string, long?>(StringComparer.Ordinal);
        string? current = null;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = Comment().Replace(lines[i], "").Trim();
            if (line.Length == 0) continue;
            string Fault(string what) => $"{Variable}: line {i + 1} of {path}: {what}.";
            if (Table().Match(line) is { Success: true } table)
            {
                current = table.Groups["name"].Value.Trim('"', '\'');
                if (RetentionClasses.Seed.All(known => known.Slug != current))
                    throw new SettingsException(Fault($"there is no retention class '{current}'"));
                if (!lifetimes.TryAdd(current, null)) throw new SettingsException(Fault($"the class '{current}' has a table already"));
            }
            else if (Duration().Match(line) is { Success: true } duration)
            {
                if (current is null) throw new SettingsException(Fault("the duration stands under no class"));
                if (lifetimes[current] is not null) throw new SettingsException(Fault($"the class '{current}' has a duration already"));
                if (current == Permanent) throw new SettingsException(Fault($"'{Permanent}' never expires"));
                lifetimes[current] = Seconds(duration.Groups["seconds"].Value)
                    ?? throw new SettingsException(Fault($"a duration is a number of seconds from 0 to {MaxSeconds}"));
            }
            else
            {
                throw new SettingsException(Fault("it is neither [retention_classes.<class>] nor default_duration_seconds = <seconds>"));
            }
        }
        return lifetimes;
    }

    private static long? Seconds(string text) =>
        long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
        && seconds is >= 0 and <= MaxSeconds
            ? seconds
            : null;

    [GeneratedRegex("#.*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex("""^\[\s*retention_classes\s*\.\s*(?<name>[A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*\]$""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Table();

    [GeneratedRegex("^\"?default_duration_seconds\"?\\s*=\\s*(?<seconds>[^\\s].*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Duration();
}
