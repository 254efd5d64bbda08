using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>The table of nodes and leases that several nodes share; its clock is the one of the database.</summary>
public sealed class InMemoryNodeTable(TimeProvider time)
{
    internal readonly Lock Gate = new();
    internal readonly Dictionary<NodeId, NodeView> Nodes = [];
    internal readonly Dictionary<string, Lease> Leases = [];

    internal DateTimeOffset Now => time.GetUtcNow();

    public INodes Node(NodeId self) => new InMemoryNodes(this, self);
}

/// <summary>One node's hold on the table.</summary>
internal sealed class InMemoryNodes(InMemoryNodeTable table, NodeId self) : INodes
{
    private readonly DateTimeOffset _startedAt = table.Now;

    public NodeId Self { get; } = self;

    public Task Beat(string name, CancellationToken cancellation = default)
    {
        lock (table.Gate) table.Nodes[Self] = new(Self, name, _startedAt, table.Now);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<NodeView>> Living(CancellationToken cancellation = default)
    {
        lock (table.Gate)
        {
            var mine = table.Nodes.GetValueOrDefault(Self) ?? new(Self, "", _startedAt, table.Now);
            var others = table.Nodes.Values.Where(node => node.Id != Self && node.SeenAt + INodes.Lifetime > table.Now);
            return Task.FromResult<IReadOnlyList<NodeView>>([mine, .. others.OrderBy(node => node.StartedAt)]);
        }
    }

    public Task Leave(CancellationToken cancellation = default)
    {
        lock (table.Gate)
        {
            table.Nodes.Remove(Self);
            foreach (var lease in table.Leases.Values.Where(lease => lease.Owner == Self).ToList()) End(lease);
        }
        return Task.CompletedTask;
    }

    public Task<Lease?> Take(string name, TimeSpan duration, CancellationToken cancellation = default)
    {
        lock (table.Gate)
        {
            var known = table.Leases.GetValueOrDefault(name);
            if (known is not null && known.Owner != Self && known.ExpiresAt > table.Now) return Task.FromResult<Lease?>(null);
            var epoch = known is null ? 1 : known.Owner == Self ? known.Epoch : known.Epoch + 1;
            return Task.FromResult<Lease?>(table.Leases[name] = new(name, Self, epoch, table.Now + duration));
        }
    }

    public Task LetGo(Lease lease, CancellationToken cancellation = default)
    {
        lock (table.Gate)
        {
            if (table.Leases.GetValueOrDefault(lease.Name) is { } known && known.Owner == Self && known.Epoch == lease.Epoch) End(known);
        }
        return Task.CompletedTask;
    }

    /// <summary>The row stays: the next owner's epoch is one higher.</summary>
    private void End(Lease lease) => table.Leases[lease.Name] = lease with { ExpiresAt = table.Now };
}
