using System.Runtime.CompilerServices;

namespace ArtifactStore.Architecture.Tests;

/// <summary>The checkout these tests were built from: architecture is a property of the source, not of the assemblies.</summary>
internal static class Checkout
{
    public static readonly string Root = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Every C# file below a folder that is written by hand.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    public static string Relative(string file) => System.IO.Path.GetRelativePath(Root, file);

    private static string Find([CallerFilePath] string here = "")
    {
        for (var at = System.IO.Path.GetDirectoryName(here); at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (File.Exists(System.IO.Path.Combine(at, "ArtifactStore.sln"))) return at;
        }
        // A deterministic build maps source paths away; then the tests run from within the checkout.
        for (var at = AppContext.BaseDirectory; at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (File.Exists(System.IO.Path.Combine(at, "ArtifactStore.sln"))) return at;
        }
        throw new InvalidOperationException("the tests do not run inside a checkout");
    }
}
