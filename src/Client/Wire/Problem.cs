namespace ArtifactStore.Client;

/// <summary>problem+json (RFC 9457) as this store writes it.</summary>
public sealed record Problem(
    string? Code = null, string? Title = null, int? Status = null, string? Detail = null, string? Help = null);
