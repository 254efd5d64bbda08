using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Simulation.Tests.Scheduling;

namespace ArtifactStore.Simulation.Tests.Ports;

/// <summary>The backend as one node sees it: requests fail, are done without an answer, twice, or long after they failed.</summary>
internal sealed class SimulatedBackend(Machine machine, SimulatedNode node, IBlobStore inner, Action<string> mayComeBack) : ForwardingBackend(inner)
{
    private readonly IBlobStore _inner = inner;

    public override async Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default)
    {
        var staged = await _inner.Stage(attempt, source, sizeHint, cancellation);
        await machine.Reach(node, "stage", () => Task.FromResult(true));
        return staged;
    }

    public override Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
    {
        return Call($"put {key}", Put, () => mayComeBack(key));

        async Task<bool> Put()
        {
            await _inner.Promote(staged, key, CancellationToken.None);
            return true;
        }
    }

    public override Task<Stream?> Open(string key, long offset = 0, long? length = null, CancellationToken cancellation = default) =>
        machine.Reach(node, $"open {key}", () => _inner.Open(key, offset, length, CancellationToken.None));

    public override Task<bool> Delete(string key, CancellationToken cancellation = default) =>
        Call($"delete {key}", () => _inner.Delete(key, CancellationToken.None), () => { });

    private async Task<T> Call<T>(string what, Func<Task<T>> call, Action arrivesAfterwards)
    {
        var fault = machine.Draw(
            Fault.Refused, Fault.AnswerLost, Fault.Repeated, Fault.Late, Fault.CrashBefore, Fault.CrashAfter);
        if (fault is Fault.Repeated or Fault.Late)
        {
            arrivesAfterwards();
            machine.ArriveLater($"{node} {what}", () => _ = call());
        }
        if (fault == Fault.CrashBefore) await node.Crash();
        if (fault is Fault.Refused or Fault.Late)
        {
            await machine.Reach(node, $"{what}: no answer", () => Task.FromResult(true));
            throw new BlobStoreException(BlobFailure.Unavailable, "the backend does not answer");
        }
        var result = await machine.Reach(node, what, call);
        if (fault == Fault.CrashAfter) await node.Crash();
        if (fault == Fault.AnswerLost) throw new BlobStoreException(BlobFailure.Unavailable, "the backend did not answer");
        return result;
    }
}
