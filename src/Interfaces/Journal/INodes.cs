using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>
/// Who else works on this store, and who does what there is to do only once. Everything here is for liveness and comfort: a node that was
/// taken for dead, or that acts on a lease it has lost, is refused by the journal and loses nothing (design §6).
/// </summary>
/// <remarks>Times are those of the database, never of two machines compared. Failures: <see cref="JournalUnavailableException"/>.</remarks>
public interface INodes
{
    /// <summary>A node that did not say for so long that it lives is taken for dead.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>This run of this process; no other run ever has the same.</summary>
    NodeId Self { get; }

    /// <summary>Says that this node lives; to be said a few times within <see cref="Lifetime"/>. Forgets the long dead.</summary>
    Task Beat(string name, CancellationToken cancellation = default);

    /// <summary>The nodes that live, this one first and always among them.</summary>
    Task<IReadOnlyList<NodeView>> Living(CancellationToken cancellation = default);

    /// <summary>Says that this node ends, so that nobody has to wait for its lifetime to pass. Lets go of its leases.</summary>
    Task Leave(CancellationToken cancellation = default);

    /// <summary>The right to do something, until it expires; null when another node has it. Taking it again prolongs it.</summary>
    Task<Lease?> Take(string name, TimeSpan duration, CancellationToken cancellation = default);

    /// <summary>Ends the lease if it is still ours.</summary>
    Task LetGo(Lease lease, CancellationToken cancellation = default);
}

public sealed partial record NodeView(NodeId Id, string Name, DateTimeOffset StartedAt, DateTimeOffset SeenAt);

/// <param name="Epoch">Grows with every change of the owner: work that is fenced by it cannot be done by a former owner.</param>
public sealed partial record Lease(string Name, NodeId Owner, long Epoch, DateTimeOffset ExpiresAt);
