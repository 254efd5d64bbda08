using System.CommandLine;
using System.CommandLine.Parsing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Verbs;

/// <summary>Arguments that several verbs take, parsed to typed values before anything is tried.</summary>
internal static class Arguments
{
    public static Argument<PackageId> Package() => new("package")
    {
        Description = "Id of the package",
        CustomParser = result => Parse<PackageId>(result, "the id of a package"),
    };

    public static Option<ContentAddress?> ManifestDigest() => new("--digest")
    {
        Description = "The manifest digest that the package must have, known from elsewhere",
        HelpName = "blake3:hex",
        CustomParser = result => Parse<ContentAddress>(result, "a digest (blake3: and 64 hex digits)"),
    };

    /// <summary>The default depends on the machine and so is not in the help as a number.</summary>
    public static Option<int?> Jobs(string what)
    {
        var option = new Option<int?>("--jobs", "-j") { Description = $"{what} at the same time [default: twice the processors]", HelpName = "n" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var jobs) && jobs is < 1 or > MaxJobs)
                result.AddError($"--jobs is between 1 and {MaxJobs}");
        });
        return option;
    }

    public static int JobsOf(ParseResult parsed, Option<int?> option) =>
        parsed.GetValue(option) ?? Math.Min(Environment.ProcessorCount * 2, MaxJobs);

    public const int MaxJobs = 256;

    public static T Parse<T>(ArgumentResult result, string what) where T : ISpanParsable<T>
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (T.TryParse(text, null, out var value)) return value;
        result.AddError($"'{text}' is not {what}");
        return value!;
    }
}
