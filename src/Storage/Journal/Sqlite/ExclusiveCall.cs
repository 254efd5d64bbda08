using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>Maintenance that needs the writing connection for itself.</summary>
internal sealed class ExclusiveCall(Action<SqliteConnection> run) : JournalCall
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
