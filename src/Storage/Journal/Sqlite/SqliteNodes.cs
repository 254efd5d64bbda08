using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// A SQLite store has one node, because its process owns the file: nobody else lives, and every lease is there to be taken. Nothing of it
/// needs to be written, since it ends with the process.
/// </summary>
internal sealed class SqliteNodes(NodeId self, TimeProvider time) : INodes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lease> _leases = [];
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private string _name = "";

    public NodeId Self { get; } = self;

    public Task Beat(string name, CancellationToken cancellation = default)
    {
        _name = name;
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<NodeView>> Living(CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<NodeView>>([new(Self, _name, _startedAt, time.GetUtcNow())]);

    public Task Leave(CancellationToken cancellation = default)
    {
        lock (_lock) _leases.Clear();
        return Task.CompletedTask;
    }

    public Task<Lease?> Take(string name, TimeSpan duration, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            var epoch = _leases.TryGetValue(name, out var known) ? known.Epoch : 1;
            return Task.FromResult<Lease?>(_leases[name] = new(name, Self, epoch, time.GetUtcNow() + duration));
        }
    }

    public Task LetGo(Lease lease, CancellationToken cancellation = default)
    {
        lock (_lock) _leases.Remove(lease.Name);
        return Task.CompletedTask;
    }
}
