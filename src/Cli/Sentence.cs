using System.Globalization;
using System.Text;
using ArtifactStore.Client;

namespace ArtifactStore.Cli;

/// <summary>How things are said to people.</summary>
public static class Sentence
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>What went wrong, as one line and an exit code; null for what is nobody's business but a bug's.</summary>
    public static (string Text, int ExitCode)? For(Exception failure) => failure switch
    {
        CliFailureException known => (known.Message, known.ExitCode),
        ArtifactStoreException store => (ForStore(store), CodeOf(store.Failure)),
        DestinationException or IOException or UnauthorizedAccessException => (Of(failure), ExitCode.Failed),
        _ => null,
    };

    /// <summary>The message of a file system's failure, on one line and without its .NET wording.</summary>
    public static string Of(Exception failure) => failure switch
    {
        UnauthorizedAccessException => Printable(failure.Message.Replace("Access to the path ", "no permission for ").Replace(" is denied.", "")),
        _ => Printable(failure.Message.TrimEnd('.')),
    };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Names come from disks and servers: what they contain must not move the terminal's cursor.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsControl(c)) clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else clean.Append(c);
        }
        return clean.ToString();
    }

    public static string Bytes(long bytes)
    {
        var unit = 0;
        double amount = bytes;
        while (amount >= 1024 && unit < Units.Length - 1)
        {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? $"{bytes} B" : string.Create(CultureInfo.InvariantCulture, $"{amount:0.0} {Units[unit]}");
    }

    public static string Count(long number, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:#,0} {(number == 1 ? one : many ?? one + "s")}");

    private static string ForStore(ArtifactStoreException failure)
    {
        var text = Printable(failure.Message);
        if (failure.Failure == StoreFailure.Unreachable && text.EndsWith("connection refused", StringComparison.Ordinal))
            return text + "; is the server running? (start it with: artifactstore serve)";
        if (failure.Status == 401) return text + $"; give a token in {CommonOptions.TokenVariable} or with --token-file";
        return failure.Help is { Length: > 0 } help ? $"{text}. {Printable(help)}" : text;
    }

    private static int CodeOf(StoreFailure failure) => failure switch
    {
        StoreFailure.Unauthorized => ExitCode.Unauthorized,
        StoreFailure.NotFound => ExitCode.NotFound,
        StoreFailure.VerificationFailed => ExitCode.VerificationFailed,
        StoreFailure.Unreachable => ExitCode.Unreachable,
        _ => ExitCode.Failed,
    };
}
