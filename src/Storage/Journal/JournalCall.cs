using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Journal;

/// <summary>What waits for the one who writes.</summary>
internal abstract class JournalCall
{
    public abstract void Fail(Exception failure);
}

/// <summary>Items that go into one transaction together, in this order, and succeed or fail together.</summary>
internal sealed class BatchCall(IReadOnlyList<JournalItem> items) : JournalCall
{
    private readonly TaskCompletionSource<IReadOnlyList<Verdict>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<JournalItem> Items { get; } = items;

    public Task<IReadOnlyList<Verdict>> Answer => _answer.Task;

    /// <summary>Kept back until the feed has moved: whoever has an answer finds it in the log.</summary>
    public IReadOnlyList<Verdict>? Verdicts { get; set; }

    public Exception? Failure { get; set; }

    public void Decide(BatchDecider decider)
    {
        var verdicts = new Verdict[Items.Count];
        for (var i = 0; i < verdicts.Length; i++) verdicts[i] = decider.Decide(Items[i]);
        Verdicts = verdicts;
    }

    public int CountCommitted() => Verdicts!.Count(verdict => verdict.Append is Interfaces.Journal.AppendResult.Committed);

    public void Complete()
    {
        if (Failure is { } failure) _answer.TrySetException(failure);
        else _answer.TrySetResult(Verdicts ?? throw new InvalidOperationException("the call was not executed"));
    }

    public override void Fail(Exception failure) => _answer.TrySetException(failure);
}
