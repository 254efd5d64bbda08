using System.Text;
using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Architecture.Tests;

/// <summary>Pages that are made from the code. Run with ARTIFACTSTORE_TEST_ACCEPT=1 to write them anew, then read the difference.</summary>
public class GeneratedDocuments
{
    [Fact]
    public void The_page_of_errors_is_the_catalogue()
    {
        var page = new StringBuilder();
        page.Append("# Errors\n\nGenerated from `src/Interfaces/Errors/ErrorCatalogue.cs`. Codes are added, never renamed. The native door renders an error as\n");
        page.Append("`application/problem+json` (RFC 9457) with `code`, `title`, `detail` and `help`; the command line as one sentence with an exit code.\n\n");
        page.Append("| code | status | title | again? | what to do |\n|---|---|---|---|---|\n");
        foreach (var kind in ErrorCatalogue.All)
        {
            page.Append($"| `{kind.Code}` | {kind.Status} | {kind.Title} | {(kind.Retryable ? "yes" : "no")} | {kind.Help.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
        Accept("docs/errors.md", page.ToString());
    }

    [Fact]
    public void Codes_are_unique_snake_case_words_and_titles_are_short()
    {
        Assert.Equal(ErrorCatalogue.All.Count, ErrorCatalogue.All.Select(kind => kind.Code).Distinct().Count());
        foreach (var kind in ErrorCatalogue.All)
        {
            Assert.Matches("^[a-z]+(_[a-z]+)*$", kind.Code);
            Assert.InRange(kind.Title.Length, 5, 80);
            Assert.InRange(kind.Status, 400, 599);
        }
    }

    private static void Accept(string document, string expected)
    {
        var file = Checkout.Path(document.Split('/'));
        if (Environment.GetEnvironmentVariable("ARTIFACTSTORE_TEST_ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
        }
        Assert.True(File.Exists(file) && File.ReadAllText(file) == expected, $"{document} is stale: run the tests with ARTIFACTSTORE_TEST_ACCEPT=1");
    }
}
