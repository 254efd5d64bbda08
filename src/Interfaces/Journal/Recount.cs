using System.Globalization;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>Where a page of a recount begins: packages are counted first, then contents; each in the order of their keys.</summary>
public readonly record struct RecountPlace(bool InContents, long Key)
{
    private const string Packages = "packages.";
    private const string Contents = "contents.";

    public static RecountPlace? Read(string text)
    {
        var inContents = text.StartsWith(Contents, StringComparison.Ordinal);
        if (!inContents && !text.StartsWith(Packages, StringComparison.Ordinal)) return null;
        return long.TryParse(text.AsSpan(Packages.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            ? new(inContents, key)
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(InContents ? Contents : Packages)}{Key}");
}

/// <summary>What one page of a recount found.</summary>
/// <param name="Next">The next page begins there; null: this was the last.</param>
/// <param name="Packages">How many were counted.</param>
/// <param name="Contents">How many were counted.</param>
/// <param name="Drifts">What the rows say otherwise. Nothing was changed.</param>
public sealed record RecountPage(RecountPlace? Next, long Packages, long Contents, IReadOnlyList<RecountDrift> Drifts);

/// <param name="What">
/// files, bytes, left (references that a package has still to release), failed_locations; and two that no number shows: dangling (references whose
/// bytes are nowhere) and unkept (live bytes that nothing keeps and that nobody will look at).
/// </param>
/// <param name="Of">The package, the content or the backend.</param>
/// <param name="Shown">What the view says.</param>
/// <param name="Counted">What its rows say.</param>
public sealed record RecountDrift(string What, string Of, long Shown, long Counted);
