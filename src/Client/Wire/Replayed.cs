namespace ArtifactStore.Client;

/// <summary>What a replay found. Not identical: the views differed from the log, and have been made anew.</summary>
public sealed record Replayed(long HighestSequence, bool Identical, double ElapsedSeconds);
