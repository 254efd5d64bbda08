using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Contents;

/// <summary>Where one generation of a content lies in one backend.</summary>
public sealed partial record LocationView(
    BackendId Backend,
    Digest256 Content,
    int Generation,
    string PhysicalKey,
    LocationState State,
    string Encoding);

public enum LocationState
{
    Live = 1,
    Failed = 2,
    Condemned = 3,
    Gone = 4,
}

/// <summary>A location with what its bytes must be.</summary>
/// <param name="Key">Grows with every location that is settled, and is never used again.</param>
/// <param name="CheckedAt">When its bytes were last known to be good: verified, or else settled.</param>
public sealed partial record StoredLocation(
    long Key, TenantId Tenant, LocationView Location, ContentDigests Content, DateTimeOffset CheckedAt);

/// <param name="Next">The key that the next page comes after; null when there is none.</param>
public sealed partial record LocationPage(IReadOnlyList<StoredLocation> Items, long? Next);

/// <summary>A content and where it can be read now. <paramref name="Key"/> is the sequence of the event that first brought it.</summary>
public sealed partial record ContentView(long Key, ContentDigests Digests, IReadOnlyList<LocationView> Locations);

/// <summary>"I have these bytes staged; where do they go?" (design §6, step 3).</summary>
public sealed partial record PlaceContent(TenantId Tenant, BackendId Backend, ContentDigests Content, AttemptId Attempt);

/// <summary>The answer to <see cref="PlaceContent"/>, and the claim that the reference's append must prove.</summary>
public abstract partial record Placement
{
    private Placement() { }

    /// <summary>A live location exists: only add the reference. Nothing is written.</summary>
    public sealed partial record Live(LocationView Location) : Placement;

    /// <summary>Write this key, once, then settle it together with the reference.</summary>
    public sealed partial record Reserved(Reservation Reservation) : Placement;
}

/// <summary>The right of one attempt to write one key. Unique by (backend, content, generation).</summary>
public sealed partial record Reservation(
    TenantId Tenant,
    BackendId Backend,
    ContentDigests Content,
    int Generation,
    string PhysicalKey,
    AttemptId Owner);

/// <summary>The content <c>{tenant}/{backend}/{blake3 hex}</c>: makes a thousand pushers of the same bytes cost one write.</summary>
public interface IContentGrain : IGrain
{
    Task<Outcome<Placement>> Place(PlaceContent command);

    /// <summary>
    /// A hint that the reservation was settled, so that those who wait for it go on at once. Losing it costs a bounded wait.
    /// </summary>
    Task Settled(LocationView location);

    /// <summary>The attempt gives up: its reservation becomes condemned, so that nobody waits for it.</summary>
    Task Abandon(Reservation reservation, string reason);

    /// <summary>
    /// Someone found no bytes at a live location, or wrong ones: it becomes failed, unless the journal knows better by now. True when it did.
    /// </summary>
    Task<bool> ReportMissing(LocationView location, string reason);

    /// <summary>Someone read every byte of a live location, and they are good. False when it is no longer live.</summary>
    Task<bool> ReportVerified(LocationView location);

    /// <summary>
    /// Good bytes lie at the reserved key: they settle, and the generation that had failed is condemned, in one append. Refused when the
    /// reservation was lost, or when the failed one is no longer what references rely on.
    /// </summary>
    Task<RepairResult> Repair(Reservation mine, LocationView failed);

    /// <summary>
    /// Good bytes lie in this grain's backend, at a live location or at the reserved key: they settle, every reference that needed the
    /// content in the other backend needs it here from now on, and the location there is condemned, in one append (ADR 9).
    /// </summary>
    Task<MoveResult> Move(MoveContent command);

    /// <summary>A hint that this location of this grain's backend is condemned. Losing it costs a pusher one more turn.</summary>
    Task Left(LocationView location);

    /// <summary>A location, live or failed, that nothing keeps any more is condemned.</summary>
    Task<CondemnAnswer> Condemn(LocationView location, string reason);

    /// <summary>
    /// A key that no row knows is condemned under a number that nobody has, so that the collector deletes it. Kept: somebody has the number by now.
    /// </summary>
    Task<CondemnAnswer> CondemnOrphan(LocationView orphan);

    /// <summary>The candidate was looked at, whatever became of it. In which backend this grain is does not matter.</summary>
    Task Forget(CollectionCandidate candidate);

    /// <summary>The bytes of a condemned location that no package had released are gone. False: it was reported before.</summary>
    Task<bool> ReportDeleted(LocationView location);

    /// <summary>A live generation stands beside failed ones, because nobody came to condemn them: they are condemned. True when one was.</summary>
    Task<bool> CondemnFailed(LocationView live);
}

public enum CondemnAnswer
{
    Condemned = 1,

    /// <summary>Something keeps it.</summary>
    Kept = 2,

    /// <summary>A hold is on everything, or the location has changed: to be looked at again.</summary>
    Later = 3,
}

public enum RepairResult
{
    Done = 1,

    /// <summary>The reservation was lost: place the bytes again.</summary>
    PlaceAgain = 2,

    /// <summary>The failed location is condemned by now: nothing needs these bytes.</summary>
    NotNeeded = 3,
}

/// <param name="Content">What is moved.</param>
/// <param name="To">Where its bytes are as well, or will be with this.</param>
/// <param name="From">The location in the other backend that is live as far as the caller knows.</param>
public sealed partial record MoveContent(ContentDigests Content, Placement To, LocationView From);

public enum MoveResult
{
    Done = 1,

    /// <summary>The bytes are not here, or the reservation was lost: place them again.</summary>
    PlaceAgain = 2,

    /// <summary>The other location is no longer live: somebody moved, condemned or reported it.</summary>
    NotNeeded = 3,
}

public static class ContentKey
{
    public static string Of(TenantId tenant, BackendId backend, Digest256 content) => $"{tenant}/{backend}/{content.ToHex()}";
}
