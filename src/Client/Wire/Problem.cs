namespace ArtifactStore.Client;

/// <summary>problem+json (RFC 9457) as this store writes it.</summary>
public sealed record Problem(string? Code, string? Title, int? Status, string? Detail, string? Help);
