using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Simulation.Tests.Scheduling;

namespace ArtifactStore.Simulation.Tests.Ports;

/// <summary>
/// The journal as one node sees it. An answer that is lost is looked up by the append's id, as the port demands, so to the node it is a call
/// that takes longer; a commit that is on its way when its node dies arrives or does not.
/// </summary>
internal sealed class SimulatedJournal(Machine machine, SimulatedNode node, IJournal inner) : IJournal
{
    public long Head => inner.Head;

    public Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default) =>
        Call($"append {Describe(appends)}", () => inner.Append(appends, CancellationToken.None));

    public Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default) =>
        Call("reserve", () => inner.Reserve(request, CancellationToken.None));

    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
        inner.WaitForEvents(after, atMost, cancellation);

    private async Task<T> Call<T>(string what, Func<Task<T>> call)
    {
        var fault = machine.Draw(Fault.Refused, Fault.AnswerLost, Fault.Late, Fault.CrashBefore, Fault.CrashAfter);
        switch (fault)
        {
            case Fault.Refused:
                await machine.Reach(node, $"{what}: away", () => Task.FromResult(true));
                throw new JournalUnavailableException("the database is away");
            case Fault.CrashBefore:
                await node.Crash();
                break;
            case Fault.Late:
                machine.ArriveLater($"{node} {what}", () => _ = call());
                await node.Crash();
                break;
        }
        var result = await machine.Reach(node, what, call);
        if (fault == Fault.AnswerLost) result = await machine.Reach(node, $"{what}: looked up", call);
        if (fault == Fault.CrashAfter) await node.Crash();
        return result;
    }

    private static string Describe(IReadOnlyList<Append> appends) =>
        string.Join(", ", appends.Select(append => string.Join('+', append.Events.Select(@event => @event.Body.GetType().Name))));
}
