namespace ArtifactStore.Gateway.Shared;

/// <summary>
/// How far the reading again of everything is. Objects: those that are to be read in this pass; what was settled or verified since it began
/// is not among them.
/// </summary>
/// <param name="Deadline">When this pass is to be over.</param>
/// <param name="ObjectsOverdue">Of those left, how many the pass before should have read already.</param>
/// <param name="Faults">What this node found wrong in this pass; what stays wrong is counted as failed locations.</param>
public sealed record ScrubReport(
    DateTimeOffset PassBegan, DateTimeOffset Deadline, long Objects, long Bytes, long ObjectsLeft, long BytesLeft, long ObjectsOverdue, long Faults);

/// <summary>What the node that scrubs says about it; nothing on nodes that do not.</summary>
public sealed class ScrubProgress
{
    private volatile ScrubReport? _report;

    public ScrubReport? Report
    {
        get => _report;
        set => _report = value;
    }
}
