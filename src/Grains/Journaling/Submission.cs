using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Journaling;

/// <summary>One command that waits in a grain to be decided and appended.</summary>
internal abstract class Submission<TState>
{
    /// <summary>Decides. Null when nothing is to be appended: <see cref="AnswerWithoutAppend"/> then gives the answer.</summary>
    public abstract Append? Decide(TState state);

    /// <summary>Deciding threw: the caller has been told, and no other state would help.</summary>
    public bool Failed { get; protected set; }

    public abstract void AnswerWithoutAppend();

    public abstract void AnswerCommitted(TState state);

    /// <summary>True when the refusal was the answer, false when it has to be decided again.</summary>
    public abstract Task<bool> AnswerRefused(Condition condition);

    public abstract void AnswerError(Error error);

    public abstract void Fail(Exception exception);
}

internal sealed class Submission<TState, TAnswer>(
    Func<TState, Decision<TState, TAnswer>> decide, Func<Condition, Task<Refusal<TAnswer>>> refused) : Submission<TState>
{
    // Answered inside the grain's turn: the caller's continuation must wait for its own.
    private readonly TaskCompletionSource<Outcome<TAnswer>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Decision<TState, TAnswer>? _decision;

    public Task<Outcome<TAnswer>> Answer => _answer.Task;

    public override Append? Decide(TState state)
    {
        try
        {
            _decision = decide(state);
        }
        catch (Exception exception)
        {
            // A bug in deciding one command is that command's answer, not its neighbours'.
            _decision = null;
            Failed = true;
            _answer.TrySetException(exception);
        }
        return (_decision as Decision<TState, TAnswer>.Accepted)?.Append;
    }

    public override void AnswerWithoutAppend()
    {
        switch (_decision)
        {
            case Decision<TState, TAnswer>.Unchanged unchanged:
                _answer.TrySetResult(unchanged.Answer);
                break;
            case Decision<TState, TAnswer>.Rejected rejected:
                _answer.TrySetResult(rejected.Error);
                break;
            case null:
                break;
            default:
                throw new InvalidOperationException("only a decision without an append can be answered without one");
        }
    }

    public override void AnswerCommitted(TState state) =>
        _answer.TrySetResult(((Decision<TState, TAnswer>.Accepted)_decision!).Answer(state));

    public override async Task<bool> AnswerRefused(Condition condition)
    {
        if (await refused(condition) is not Refusal<TAnswer>.Answered answered) return false;
        _answer.TrySetResult(answered.Answer);
        return true;
    }

    public override void AnswerError(Error error) => _answer.TrySetResult(error);

    public override void Fail(Exception exception) => _answer.TrySetException(exception);
}
