namespace ArtifactStore.Simulation.Tests.Model;

/// <summary>The store did what it promises never to do.</summary>
internal sealed class BrokenInvariantException(string invariant, string what) : Exception($"{invariant}: {what}")
{
    public string Invariant { get; } = invariant;
}

/// <summary>The names of what is promised, as the model-checked protocol and the museum call them.</summary>
internal static class Invariants
{
    public const string ReferencesAreLive = "no reference to missing bytes";
    public const string LiveBytesAreThere = "no live bytes deleted";
    public const string AnsweredStays = "what was answered stays until its package is deleted";
    public const string AnsweredIsRead = "what was answered can be read until its package is deleted";
    public const string ForwardOnly = "condemned never goes back";
    public const string KeyIsWrittenOnce = "a key is used once";
    public const string CondemnedIsUnkept = "condemned exactly when nothing keeps it";
    public const string HeldStays = "what is held stays";
    public const string BytesUnderBackupStay = "bytes stay while everything is held";
    public const string EndIsTold = "a package ends after its bytes";
    public const string NothingLeaks = "nothing leaks";
    public const string CountsAreProved = "counts are proved";
    public const string ReplayIsIdentical = "the log gives the same views";
}
