namespace ArtifactStore.Client;

/// <summary>What a sweep did: packages it marked, expired ones that a hold keeps, holds it released because their end had come.</summary>
public sealed record Swept(long Eligible, long Held, long HoldsReleased);
