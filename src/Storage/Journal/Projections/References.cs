namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>Why a content is kept: the kind of the edge. Numbers are stored; they are added, never changed.</summary>
internal static class EdgeKind
{
    public const long Use = 1;
    public const long Manifest = 2;
}

/// <summary>What holds the other end of a reference, and whose key it is. Numbers are stored; they are added, never changed.</summary>
internal static class FromKind
{
    public const long File = 1;
    public const long Package = 2;

    /// <summary>A content that refers to another one: an image index to its manifests.</summary>
    public const long Content = 3;

    /// <summary>A hold on the content itself.</summary>
    public const long Hold = 4;
}
