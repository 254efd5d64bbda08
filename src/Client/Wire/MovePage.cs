namespace ArtifactStore.Client;

/// <summary>
/// One page of a move from one backend to another. <paramref name="Next"/> continues it; null is the end. What was <paramref
/// name="AlreadyThere"/> needed no copy; what was <paramref name="Skipped"/> somebody else moved or released meanwhile.
/// </summary>
public sealed record MovePage(
    string FromBackendId, string ToBackendId, long? Next, long Locations, long Moved, long Bytes, long AlreadyThere, long Skipped,
    IReadOnlyList<VerificationFault> Faults);
