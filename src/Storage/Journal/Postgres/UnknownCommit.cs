using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// A commit that was sent and not answered. Whoever has the lock later can tell: a transaction is all or nothing, so it was committed when
/// every append of it lies where it was put. (All of them, because one alone may have been repeated by way of another node.) A batch that
/// wrote no event is taken for lost: doing its work twice is the same as once.
/// </summary>
internal sealed class UnknownCommit
{
    private readonly List<(AppendId Id, long Sequence)> _placed = [];
    private readonly IReadOnlyList<Verdict>?[] _verdicts;

    public UnknownCommit(BatchPlan plan, IReadOnlyList<BatchCall> calls)
    {
        foreach (var placed in plan.Events)
        {
            if (placed.AppendSize > 0) _placed.Add((placed.Record.AppendId, placed.Record.Sequence));
        }
        _verdicts = [.. calls.Select(call => call.Verdicts)];
    }

    public bool IsIn(BatchState state) =>
        _placed.Count > 0 && _placed.TrueForAll(placed => state.Appends[placed.Id] is { } found && found.FirstSequence == placed.Sequence);

    /// <summary>It was committed, so what was decided then is the truth.</summary>
    public void Answer(IReadOnlyList<BatchCall> calls)
    {
        for (var i = 0; i < calls.Count; i++) calls[i].Verdicts = _verdicts[i];
    }
}
