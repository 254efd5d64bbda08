using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>
/// The facts of one batch: what the database answered, and on top of it what earlier items of the batch did. Every question must have its
/// answer here before deciding begins: an unasked question throws, so that it cannot pass as "no".
/// </summary>
internal sealed class BatchState(long head)
{
    /// <summary>Sequence of the last event, this batch's included.</summary>
    public long Head { get; set; } = head;

    public Dictionary<AppendId, AppendResult.Committed?> Appends { get; } = [];
    public Dictionary<StreamId, long> StreamVersions { get; } = [];
    public Dictionary<PackageRef, PackageFact?> Packages { get; } = [];
    public Dictionary<PathRef, bool> PathTaken { get; } = [];
    public Dictionary<ContentRef, long?> ContentKeys { get; } = [];
    public Dictionary<SlotRef, SlotFact> Slots { get; } = [];
    public Dictionary<GenerationRef, LocationState?> Generations { get; } = [];
    public Dictionary<PackageRef, RetentionFact?> Retentions { get; } = [];
    public Dictionary<HoldRef, HoldFact?> Holds { get; } = [];

    /// <summary>How many holds stand on this very thing.</summary>
    public Dictionary<CoverRef, long> HoldsOn { get; } = [];
    public Dictionary<KeeperRef, bool> KeeperStands { get; } = [];

    /// <summary>How many references keep the content in this backend; counted no further than this batch can take away.</summary>
    public Dictionary<SlotRef, long> Keepers { get; } = [];

    public Dictionary<IdempotencyRef, bool> IdempotencyKeyUsed { get; } = [];
}

/// <param name="Key">Of its row.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Left">References of its files and its manifest that are not released for good.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PackageFact(long Key, PackageStatus Status, long Left)
{
    /// <summary>It may be kept longer, held, and deleted.</summary>
    public bool Stands => Status is PackageStatus.Created or PackageStatus.Finalized;
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetentionFact(DateTimeOffset? ExpiresAt, bool Eligible);

internal readonly record struct HoldFact(long Key, HoldCover Cover);

/// <summary>What is known of one content in one backend.</summary>
internal sealed class SlotFact
{
    public LocationView? Live { get; set; }

    /// <summary>Highest generation that has a location, whatever its state; 0 when none has.</summary>
    public int HighestLocation { get; set; }

    public List<SettlingFact> Settling { get; } = [];

    public int HighestGeneration
    {
        get
        {
            var highest = HighestLocation;
            foreach (var row in Settling) highest = Math.Max(highest, row.Generation);
            return highest;
        }
    }
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct SettlingFact(int Generation, AttemptId Owner, string PhysicalKey, Digest256 Sha256, long Size);
