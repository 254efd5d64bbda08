using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Journaling;

/// <summary>What a pure Decide makes of a command and a state.</summary>
/// <remarks>
/// What an accepted command was decided on must be among the conditions of its append: the state may be old, the journal is not. The other
/// two decisions count only when the state was loaded for them; else the grain loads it and decides again.
/// </remarks>
public abstract record Decision<TState, TAnswer>
{
    private Decision() { }

    /// <summary>Append this; <paramref name="Answer"/> is asked for the answer with the state after it.</summary>
    public sealed record Accepted(Append Append, Func<TState, TAnswer> Answer) : Decision<TState, TAnswer>;

    /// <summary>Nothing to do: it is so already, or the command is of another time.</summary>
    public sealed record Unchanged(TAnswer Answer) : Decision<TState, TAnswer>;

    public sealed record Rejected(Error Error) : Decision<TState, TAnswer>;
}

/// <summary>What becomes of a command whose append was refused at a condition.</summary>
public abstract record Refusal<TAnswer>
{
    private Refusal() { }

    /// <summary>The refusal says it all.</summary>
    public sealed record Answered(Outcome<TAnswer> Answer) : Refusal<TAnswer>;

    /// <summary>The state was old: load it and decide again.</summary>
    public sealed record DecideAgain : Refusal<TAnswer>
    {
        public static readonly DecideAgain Instance = new();
    }
}
