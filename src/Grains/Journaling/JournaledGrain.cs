using ArtifactStore.Grains.Hosting;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Journaling;

/// <summary>
/// A grain whose truth is the journal. Commands wait in a queue; a round takes all that wait, decides each on the state that the ones
/// before it would leave, hands every append to the journal in one call, then evolves with what was committed and answers. One busy entity
/// is as fast as many: while a round is being written the next one gathers.
/// </summary>
/// <remarks>
/// Invariants: one round at a time; the state changes only by events that were committed, or by loading; no answer rests on an append that
/// was not committed: a command decided after one that was refused is decided again unless its own append was accepted by the journal.
/// A kept state may propose appends, because their conditions prove it; what no append proves (a refusal, "it is so already") is answered
/// only from a state that was loaded after the command came. So an answer reflects every commit that was answered before it was asked for,
/// on whichever node.
/// </remarks>
public abstract class JournaledGrain<TState>(IJournal journal) : GrainBase where TState : class
{
    /// <summary>Appends of one round.</summary>
    public const int MaxRound = 256;

    /// <summary>Times that one command is decided before its caller is told to come back.</summary>
    public const int MaxDecisions = 8;

    private readonly Queue<Submission<TState>> _waiting = new();
    private TState? _state;
    private bool _pumping;

    protected IJournal Journal { get; } = journal;

    /// <summary>Reads the views. A state that knows nothing (the entity does not exist) is a state too.</summary>
    protected abstract Task<TState> Load();

    /// <summary>
    /// Whether this state may propose the next append. An absence that was kept would only be refused: whoever asks knows of more.
    /// </summary>
    protected abstract bool MayKeep(TState state);

    /// <summary>No event of this entity that this activation appended or loaded has a higher sequence and is not in the state.</summary>
    protected abstract long SequenceOf(TState state);

    /// <summary>Pure. Events of other streams in the append leave the state as it is.</summary>
    protected abstract TState Evolve(TState state, StreamEvent @event, string actor, long sequence);

    /// <summary>Puts a command into the queue. The functions run on turns of this grain.</summary>
    protected Task<Outcome<TAnswer>> Submit<TAnswer>(
        Func<TState, Decision<TState, TAnswer>> decide, Func<Condition, Task<Refusal<TAnswer>>> refused)
    {
        var submission = new Submission<TState, TAnswer>(decide, refused);
        _waiting.Enqueue(submission);
        if (!_pumping)
        {
            _pumping = true;
            _ = Pump();
        }
        return submission.Answer;
    }

    private async Task Pump()
    {
        // The turn that brought the first command may bring more: let them join the round.
        await Task.Yield();
        var round = new List<Submission<TState>>();
        while (_waiting.Count > 0)
        {
            round.Clear();
            while (round.Count < MaxRound && _waiting.TryDequeue(out var submission)) round.Add(submission);
            try
            {
                await Run(round);
            }
            catch (JournalUnavailableException unavailable)
            {
                // "Not written", says the port. The state is dropped all the same: loading is cheap, an error here is not.
                _state = null;
                foreach (var submission in round) submission.AnswerError(unavailable.AsError());
            }
            catch (Exception exception)
            {
                _state = null;
                foreach (var submission in round) submission.Fail(exception);
            }
        }
        _pumping = false;
    }

    private async Task Run(List<Submission<TState>> round)
    {
        var left = round;
        while (left.Count > 0) left = await RunToTheNextVersion(left);
    }

    /// <summary>Decides, appends, answers; what was refused because the state was old goes round again on a fresh one.</summary>
    /// <returns>Those that stand behind an append that expects a version, and this one itself.</returns>
    private async Task<List<Submission<TState>>> RunToTheNextVersion(List<Submission<TState>> left)
    {
        List<Submission<TState>> behind = [];
        for (var decisions = 0; left.Count > 0; decisions++)
        {
            if (decisions == MaxDecisions)
            {
                foreach (var submission in left)
                {
                    submission.AnswerError(ErrorCatalogue.Overloaded.With("others kept changing it; try again"));
                }
                break;
            }
            var fresh = decisions > 0 || _state is null || !MayKeep(_state);
            if (fresh) _state = await Load();
            left = await DecideAndAppend(left, behind, _state!, fresh);
        }
        return behind;
    }

    /// <returns>Those that have to be decided again.</returns>
    private async Task<List<Submission<TState>>> DecideAndAppend(
        List<Submission<TState>> submissions, List<Submission<TState>> behind, TState state, bool fresh)
    {
        List<Submission<TState>> again = [], proposed = [], onProposed = [];
        List<Append> appends = [];
        for (var i = 0; i < submissions.Count; i++)
        {
            var submission = submissions[i];
            var append = submission.Decide(state);
            if (append is not null)
            {
                // The version may come true by another node's event in place of a proposed one that is refused: what was read from the
                // state with it would be wrong. So it is decided on what is committed, first of its own call.
                if (appends.Count > 0 && ExpectsVersion(append))
                {
                    behind.AddRange(submissions.Skip(i));
                    break;
                }
                proposed.Add(submission);
                appends.Add(append);
                foreach (var @event in append.Events) state = Evolve(state, @event, append.Actor, SequenceOf(state));
            }
            else if (!fresh && !submission.Failed) again.Add(submission);
            else if (appends.Count > 0) onProposed.Add(submission);
            else submission.AnswerWithoutAppend();
        }
        if (appends.Count == 0) return again;

        var refused = Fold(appends, proposed, await Journal.Append(appends));
        foreach (var (submission, condition) in refused)
        {
            if (!await submission.AnswerRefused(condition)) again.Add(submission);
        }
        // An answer without an append is only as true as the appends that it was decided after.
        if (refused.Count > 0) again.AddRange(onProposed);
        else onProposed.ForEach(submission => submission.AnswerWithoutAppend());
        return again;
    }

    private static bool ExpectsVersion(Append append)
    {
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.StreamAt { Version: > 0 }) return true;
        }
        return false;
    }

    /// <summary>Evolves with what was committed and answers it. Returns the rest, with the conditions that did not hold.</summary>
    private List<(Submission<TState>, Condition)> Fold(
        List<Append> appends, List<Submission<TState>> proposed, IReadOnlyList<AppendResult> results)
    {
        List<(Submission<TState>, Condition)> refused = [];
        for (var i = 0; i < appends.Count; i++)
        {
            switch (results[i])
            {
                case AppendResult.Committed committed:
                    _state = Fold(_state ?? throw new InvalidOperationException("a round has a state"), appends[i], committed);
                    proposed[i].AnswerCommitted(_state);
                    break;
                case AppendResult.Refused { ConditionIndex: var index }:
                    refused.Add((proposed[i], appends[i].Conditions[index]));
                    break;
            }
        }
        return refused;
    }

    private TState Fold(TState state, Append append, AppendResult.Committed committed)
    {
        var sequence = committed.FirstSequence;
        foreach (var @event in append.Events)
        {
            // A repeated append answers with its first sequences: what is folded in already must not be counted twice.
            if (sequence > SequenceOf(state)) state = Evolve(state, @event, append.Actor, sequence);
            sequence++;
        }
        return state;
    }
}
