using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>What a batch writes, in order.</summary>
internal sealed class BatchPlan
{
    public List<PlacedEvent> Events { get; } = [];

    public List<PlannedWork> Work { get; } = [];

    public bool IsEmpty => Events.Count == 0 && Work.Count == 0;
}

internal abstract record PlannedWork
{
    public sealed record Reserve(Reservation Reservation) : PlannedWork;

    /// <summary>The last keeper may have gone: the collector looks.</summary>
    public sealed record Queue(TenantId Tenant, Digest256 Content, long Sequence) : PlannedWork;

    public sealed record Change(WorkChange Work) : PlannedWork;
}
