using ArtifactStore.Interfaces.Contents;
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

    public sealed record Change(WorkChange Work) : PlannedWork;
}
