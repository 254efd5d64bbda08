using System.Runtime.InteropServices;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>What a content is known by: its primary address, its other address, and its size in bytes.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ContentDigests(Digest256 Blake3, Digest256 Sha256, long Size);
