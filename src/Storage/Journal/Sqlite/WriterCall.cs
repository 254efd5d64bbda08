using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>What waits for the writer.</summary>
internal abstract class WriterCall
{
    public abstract void Fail(Exception failure);
}

/// <summary>Items that go into one transaction together, in this order, and succeed or fail together.</summary>
internal sealed class BatchCall(IReadOnlyList<JournalItem> items) : WriterCall
{
    private readonly TaskCompletionSource<IReadOnlyList<Verdict>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<JournalItem> Items { get; } = items;

    public Task<IReadOnlyList<Verdict>> Answer => _answer.Task;

    /// <summary>Kept back until the feed has moved: whoever has an answer finds it in the log.</summary>
    public IReadOnlyList<Verdict>? Verdicts { get; set; }

    public Exception? Failure { get; set; }

    public void Complete()
    {
        if (Failure is { } failure) _answer.TrySetException(failure);
        else _answer.TrySetResult(Verdicts ?? throw new InvalidOperationException("the call was not executed"));
    }

    public override void Fail(Exception failure) => _answer.TrySetException(failure);
}

/// <summary>Maintenance that needs the writing connection for itself.</summary>
internal sealed class ExclusiveCall(Action<SqliteConnection> run) : WriterCall
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Answer => _answer.Task;

    public void Run(SqliteConnection db)
    {
        try
        {
            run(db);
            _answer.TrySetResult();
        }
        catch (Exception e)
        {
            db.RollbackIfOpen();
            _answer.TrySetException(e);
        }
    }

    public override void Fail(Exception failure) => _answer.TrySetException(failure);
}
