namespace ArtifactStore.Client;

/// <summary>What would be deleted, written down beforehand.</summary>
/// <param name="PlanId">Its id.</param>
/// <param name="Status">made, running or ended.</param>
/// <param name="MadeAt">When.</param>
/// <param name="MadeBy">By whom.</param>
/// <param name="Position">The sequence at which it was so.</param>
/// <param name="ValidUntil">Its run does not begin later.</param>
/// <param name="Packages">That would go.</param>
/// <param name="Files">Of these.</param>
/// <param name="Bytes">The sizes of these.</param>
/// <param name="FreedBytes">What would come back: bytes that nothing else keeps.</param>
/// <param name="StartedAt">When its run began.</param>
/// <param name="EndedAt">When its run ended.</param>
/// <param name="Started">Packages that its run started; null until it ended.</param>
/// <param name="Skipped">Packages that had changed; null until it ended.</param>
public sealed record Plan(
    string PlanId,
    string Status,
    DateTimeOffset MadeAt,
    string MadeBy,
    long Position,
    DateTimeOffset ValidUntil,
    long Packages,
    long Files,
    long Bytes,
    long FreedBytes,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long? Started,
    long? Skipped);
