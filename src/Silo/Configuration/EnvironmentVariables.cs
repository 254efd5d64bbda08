using System.Collections;

namespace ArtifactStore.Silo.Configuration;

/// <summary>The variables of the process, with those of <c>./.env</c> behind them: what the environment says wins.</summary>
public static class EnvironmentVariables
{
    public const string FileName = ".env";

    public static IReadOnlyDictionary<string, string> Load(string directory)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var file = Path.Combine(directory, FileName);
        if (File.Exists(file)) Parse(File.ReadAllText(file), file, variables);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        }
        return variables;
    }

    /// <summary>
    /// <c>NAME=value</c> a line; <c>#</c> begins a comment line; <c>export</c> may stand before; quotes around a value are taken off and
    /// a double-quoted value may hold <c>\n</c>. A line that is none of this is refused with its number.
    /// </summary>
    public static void Parse(string text, string file, IDictionary<string, string> variables)
    {
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("export ", StringComparison.Ordinal)) line = line[7..].TrimStart();
            var equals = line.IndexOf('=');
            var name = equals > 0 ? line[..equals].TrimEnd() : "";
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                throw new SettingsException($"{file}, line {number}: expected NAME=value.");
            }
            variables[name] = Unquote(line[(equals + 1)..].Trim(), file, number);
        }
    }

    private static string Unquote(string value, string file, int number)
    {
        if (value.Length == 0 || value[0] is not ('"' or '\''))
        {
            var comment = value.IndexOf(" #", StringComparison.Ordinal);
            return comment < 0 ? value : value[..comment].TrimEnd();
        }
        if (value.Length < 2 || value[^1] != value[0]) throw new SettingsException($"{file}, line {number}: the quote is not closed.");
        var inner = value[1..^1];
        return value[0] == '"' ? inner.Replace("\\n", "\n", StringComparison.Ordinal) : inner;
    }
}
