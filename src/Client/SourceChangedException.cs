namespace ArtifactStore.Client;

/// <summary>What is being sent is not what it was when it was measured.</summary>
public sealed class SourceChangedException(string message) : IOException(message);
