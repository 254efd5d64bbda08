namespace ArtifactStore.Interfaces.Canonical;

/// <summary>Placeholder until the canonical branch lands.</summary>
public sealed record CanonicalDocument(ReadOnlyMemory<byte> Cbor);
