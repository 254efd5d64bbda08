namespace ArtifactStore.Storage.Journal;

public enum ReplayStage
{
    Applying = 1,
    Indexing = 2,
    Done = 3,
}

/// <summary>How far a replay is. <paramref name="Sequence"/> is the highest that was applied.</summary>
public sealed record ReplayProgress(ReplayStage Stage, long Sequence, long Head);

/// <summary>The log contradicts itself: a digest does not fit its bytes, or a line is missing. The message is one sentence.</summary>
public sealed class DamagedLogException(string message, Exception? inner = null) : Exception(message, inner);
