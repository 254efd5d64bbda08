using System.CommandLine;
using ArtifactStore.Client;

namespace ArtifactStore.Cli;

/// <summary>The options that every verb takes.</summary>
public sealed class CommonOptions
{
    public const string UrlVariable = "ARTIFACTSTORE_API_URL";
    public const string TokenVariable = "ARTIFACTSTORE_API_TOKEN";

    public Option<string?> ApiUrl { get; } = new("--api-url")
    {
        Description = $"Address of the store [default: ${UrlVariable}, else http://127.0.0.1:8000]",
        HelpName = "url",
        Recursive = true,
    };

    public Option<FileInfo?> TokenFile { get; } = new("--token-file")
    {
        Description = $"File with the bearer token [default: the token in ${TokenVariable}]",
        HelpName = "file",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write JSON to standard output: one document, or one a line for lists",
        Recursive = true,
    };

    /// <summary>Not shown: it exists to be refused with a reason.</summary>
    internal Option<string?> Token { get; } = new("--token") { Hidden = true, Recursive = true, Arity = ArgumentArity.ZeroOrOne };

    public CommonOptions() =>
        Token.Validators.Add(result => result.AddError(
            $"a token on the command line is visible to every user of this machine; put it into ${TokenVariable} or use --token-file"));

    internal void AddTo(Command root)
    {
        root.Options.Add(ApiUrl);
        root.Options.Add(TokenFile);
        root.Options.Add(Json);
        root.Options.Add(Token);
    }

    internal Uri UrlOf(ParseResult parsed, CliHost host)
    {
        var text = parsed.GetValue(ApiUrl) ?? host.Variable(UrlVariable);
        if (string.IsNullOrWhiteSpace(text)) return ArtifactStoreClientOptions.DefaultBaseAddress;
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new CliFailureException(ExitCode.Usage, $"'{text}' is not the address of a store; it should be like http://127.0.0.1:8000");
        return url.UserInfo.Length == 0
            ? url
            : throw new CliFailureException(ExitCode.Usage, $"the address must not carry a user name; tokens come from ${TokenVariable} or --token-file");
    }

    internal string? TokenOf(ParseResult parsed, CliHost host)
    {
        if (parsed.GetValue(TokenFile) is not { } file) return Checked(host.Variable(TokenVariable), $"${TokenVariable}");
        try
        {
            return Checked(File.ReadAllText(file.FullName), file.FullName)
                ?? throw new CliFailureException(ExitCode.Usage, $"the token file {file.FullName} is empty");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CliFailureException(ExitCode.Usage, $"cannot read the token file {file.FullName}: {Sentence.Of(unreadable)}", unreadable);
        }
    }

    /// <summary>A token that a header cannot carry is said to be one here: the header's own complaint would print it.</summary>
    private static string? Checked(string? text, string source)
    {
        var token = text?.Trim();
        if (string.IsNullOrEmpty(token)) return null;
        return token.All(c => c is > ' ' and <= '~')
            ? token
            : throw new CliFailureException(ExitCode.Usage, $"the token of {source} contains a space or a character outside ASCII");
    }
}
