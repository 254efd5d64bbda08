namespace ArtifactStore.Storage.Journal.Replaying;

/// <summary>Only how far it is. Not <see cref="Progress{T}"/>: that one reports later and elsewhere.</summary>
internal sealed class ReplaySequences(IProgress<long> progress) : IProgress<ReplayProgress>
{
    public void Report(ReplayProgress value) => progress.Report(value.Sequence);
}
