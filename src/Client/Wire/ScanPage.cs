namespace ArtifactStore.Client;

/// <summary>
/// One page of a scan of a backend for objects that the store does not know. <paramref name="Next"/> continues it; null is the end.
/// </summary>
public sealed record ScanPage(
    string BackendId, string? Next, long Keys, long Bytes, long Orphans, long OrphanBytes, long Deleted, long DeletedBytes, long Failed, long Foreign,
    IReadOnlyList<ScanFinding> Findings);

/// <summary>One such object. Kind: orphan, left_behind, foreign. Outcome: reported, deleted, failed, held, kept.</summary>
public sealed record ScanFinding(string PhysicalKey, long Size, string Kind, string Outcome);
