namespace ArtifactStore.Interfaces.Views;

/// <summary>
/// A page is bounded by the bytes of its documents (metadata, schemas, payloads) as well as by its rows: it ends with the row that brings it
/// to this size, so it has at least one row, and it never is larger than this and one document.
/// </summary>
public static class PageLimit
{
    public const int Bytes = 4 * 1024 * 1024;

    /// <summary>False: the page ended because there was nothing more. True: ask for what comes after its last row.</summary>
    public static bool MayContinue<T>(IReadOnlyList<T> page, int asked, Func<T, int> bytes) =>
        page.Count >= asked || page.Sum(row => (long)bytes(row)) >= Bytes;
}
