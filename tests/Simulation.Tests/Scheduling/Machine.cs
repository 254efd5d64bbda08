using ArtifactStore.Conformance.Time;

namespace ArtifactStore.Simulation.Tests.Scheduling;

/// <summary>
/// Runs all nodes on one thread, a task at a time. Each call to a port is a point at which anything else may go on instead, a timeout may
/// come, or the node may die; what the call does then happens in one piece.
/// </summary>
internal sealed class Machine
{
    /// <summary>Late requests arrive within so many steps.</summary>
    private const int LongestDelay = 300;
    private const int EarlyTimeoutsOf256 = 12;

    private readonly List<(int Due, Action Arrive)> _late = [];
    private readonly Choices _choices;
    private readonly int _faultsOf256;
    private readonly Action _check;

    /// <param name="choices">Of this run.</param>
    /// <param name="faultsOf256">How many of 256 calls to a port fail in some way.</param>
    /// <param name="name">How to run it again.</param>
    /// <param name="check">After everything that may have changed something.</param>
    public Machine(Choices choices, int faultsOf256, string name, Action check)
    {
        _choices = choices;
        _faultsOf256 = faultsOf256;
        _check = check;
        Scheduler = new(choices.Next, name);
    }

    public StepScheduler Scheduler { get; }

    public SimulatedTime Time { get; } = new();

    /// <summary>What happened, in order: two runs are the same when these are.</summary>
    public List<string> Trace { get; } = [];

    /// <summary>No more faults, and nothing is on its way any more.</summary>
    public void Calm()
    {
        IsCalm = true;
        while (_late.Count > 0) Arrive(0);
    }

    private bool IsCalm { get; set; }

    /// <summary>One call to a port by this node. A node that is dead by then stays here for ever.</summary>
    public async Task<T> Reach<T>(SimulatedNode node, string what, Func<Task<T>> effect)
    {
        await Pause();
        if (node.IsDead) await node.Forever;
        Trace.Add($"{node} {what}");
        var result = await effect();
        _check();
        return result;
    }

    /// <summary>Anything else may go on here.</summary>
    public Task Pause()
    {
        for (var i = _late.Count - 1; i >= 0; i--)
        {
            if (_late[i].Due <= Trace.Count) Arrive(i);
        }
        if (!IsCalm && _choices.Chance(EarlyTimeoutsOf256)) Time.FireNext();
        return Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler);
    }

    public Fault Draw(params ReadOnlySpan<Fault> possible) =>
        !IsCalm && _choices.Chance(_faultsOf256) ? possible[_choices.Next(possible.Length)] : Fault.None;

    public bool Chance(int of256) => !IsCalm && _choices.Chance(of256);

    /// <summary>A request on its way, which nothing stops any more.</summary>
    public void ArriveLater(string what, Action effect)
    {
        _late.Add((Trace.Count + 1 + _choices.Next(LongestDelay), Arrive));

        void Arrive()
        {
            Trace.Add($"late {what}");
            effect();
            _check();
        }
    }

    private void Arrive(int index)
    {
        var arrive = _late[index].Arrive;
        _late.RemoveAt(index);
        arrive();
    }
}
