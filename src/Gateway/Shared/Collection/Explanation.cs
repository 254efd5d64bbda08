using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>What the next collection would do with something.</summary>
public enum Fate
{
    /// <summary>Something keeps it.</summary>
    Kept = 1,

    /// <summary>Nothing keeps it: the next collection removes it.</summary>
    Collectable = 2,

    /// <summary>Its removal has begun: the next collection finishes it.</summary>
    Leaving = 3,

    Gone = 4,

    /// <summary>Bytes that nothing refers to, and that no list of the collector's names: it does not come by.</summary>
    Stranded = 5,
}

public enum ExplainedKind
{
    Package = 1,
    File = 2,
    Content = 3,
}

/// <summary>Why something is still here, and what would have to happen before it goes; or when and why it went.</summary>
/// <param name="Subject">What was asked about, as it was written.</param>
/// <param name="Kind">What that is.</param>
/// <param name="Fate">What the next collection would do.</param>
/// <param name="Conclusion">One sentence.</param>
/// <param name="AsOfSequence">The log reached at least this far when the answer was read.</param>
/// <param name="NotBefore">It goes no earlier than this, as far as is known; null: no time says so.</param>
/// <param name="Package">The package, or that of the file.</param>
/// <param name="File">The file.</param>
/// <param name="Content">The content.</param>
/// <param name="Keepers">What keeps it, a page of it.</param>
/// <param name="Next">Where the next page begins; null: there is none.</param>
/// <param name="Steps">What would have to happen first, in order.</param>
/// <param name="Copies">Of a content: where its bytes are and were.</param>
/// <param name="Departure">How it went, when it has or is about to.</param>
public sealed record Explanation(
    string Subject,
    ExplainedKind Kind,
    Fate Fate,
    string Conclusion,
    long AsOfSequence,
    DateTimeOffset? NotBefore,
    PackageView? Package,
    FileView? File,
    KnownContent? Content,
    IReadOnlyList<ExplainedKeeper> Keepers,
    ReferencePosition? Next,
    IReadOnlyList<ExplainedStep> Steps,
    IReadOnlyList<ExplainedCopy> Copies,
    Departure? Departure);

/// <summary>One thing that keeps another.</summary>
/// <param name="Kind">retention, hold, file or manifest.</param>
/// <param name="Goes">The next collection takes it away.</param>
/// <param name="NotBefore">It ends no earlier than this; null: no time says so.</param>
/// <param name="Backend">Where it keeps the bytes; null: everywhere.</param>
/// <param name="Package">Whose file or manifest it is.</param>
/// <param name="File">The file.</param>
/// <param name="Path">Of the file.</param>
/// <param name="Hold">The hold.</param>
public sealed record ExplainedKeeper(
    string Kind, bool Goes, DateTimeOffset? NotBefore, BackendId? Backend = null, KeepingPackage? Package = null, FileId? File = null,
    string? Path = null, HoldView? Hold = null)
{
    public const string OfRetention = "retention";
    public const string OfHold = "hold";
    public const string OfFile = "file";
    public const string OfManifest = "manifest";
}

/// <param name="Kind">release, expiry, references, sweep, collection or never.</param>
/// <param name="NotBefore">Not before this; null: whenever somebody does it.</param>
/// <param name="Text">In words.</param>
public sealed record ExplainedStep(string Kind, DateTimeOffset? NotBefore, string Text)
{
    public static readonly ExplainedStep Sweep = new("sweep", null, "a sweep marks what has expired");
    public static readonly ExplainedStep Collection = new("collection", null, "a collection removes it");
    public static readonly ExplainedStep Never = new("never", null, "the package never expires, and cannot be deleted on request");

    public static ExplainedStep Expiry(DateTimeOffset at) => new("expiry", at, "the package expires, or its deletion is requested");

    public static ExplainedStep Release(HoldView hold) => new("release", hold.Until, $"hold {hold.Id} is released");
}

/// <summary>One copy of a content, and what becomes of it.</summary>
public sealed record ExplainedCopy(KnownLocation Known, Fate Fate);

/// <summary>How a package went.</summary>
/// <param name="Package">Which.</param>
/// <param name="Rule">expired or requested.</param>
/// <param name="Reason">Of whoever requested it.</param>
/// <param name="EligibleSince">When it was marked.</param>
/// <param name="StartedAt">The point of no return.</param>
/// <param name="StartedBy">Who.</param>
/// <param name="Plan">The plan that was run, if one was.</param>
/// <param name="EndedAt">When nothing of it was left.</param>
public sealed record Departure(
    PackageId Package, EligibilityCause? Rule, string? Reason, DateTimeOffset? EligibleSince, DateTimeOffset? StartedAt, string? StartedBy,
    string? Plan, DateTimeOffset? EndedAt);
