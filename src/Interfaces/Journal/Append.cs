using System.Collections.Immutable;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Journal;

public enum SubjectKind
{
    Store = 1,
    Package = 2,
    Content = 3,
    RetentionClass = 4,
    MetadataSchema = 5,

    /// <summary>A hold that is not on one package: those stand in the package's own stream.</summary>
    Hold = 6,

    /// <summary>A plan of what may be deleted.</summary>
    Plan = 7,
}

/// <summary>The log of one entity. <paramref name="Id"/> is the package id, the content's BLAKE3 hex, the slug, the id of the hold or the plan.</summary>
public readonly partial record struct StreamId(TenantId Tenant, SubjectKind Kind, string Id)
{
    public static StreamId Of(TenantId tenant, PackageId package) => new(tenant, SubjectKind.Package, package.ToString());
    public static StreamId Of(TenantId tenant, Digest256 content) => new(tenant, SubjectKind.Content, content.ToHex());
    public static StreamId Of(TenantId tenant, HoldId hold) => new(tenant, SubjectKind.Hold, hold.ToString());
    public static StreamId Of(TenantId tenant, PlanId plan) => new(tenant, SubjectKind.Plan, plan.ToString());
}

/// <summary>
/// An event on its way into the log: who it is about, when it was decided (microseconds count, finer is cut), and the fact.
/// </summary>
public sealed partial record StreamEvent(StreamId Stream, DateTimeOffset Time, StoreEvent Body);

/// <summary>
/// What is written as one: all of it or nothing. Conditions are evaluated inside the transaction, before anything of this append is
/// written, against everything committed before it. A repeat of the same id answers as the first time and writes nothing.
/// </summary>
public sealed partial record Append(
    AppendId Id,
    TenantId Tenant,
    string Actor,
    ImmutableArray<StreamEvent> Events,
    ImmutableArray<Condition> Conditions,
    ImmutableArray<WorkChange> Work);

/// <summary>What an append was decided on. A closed list: each is one indexed read.</summary>
public abstract partial record Condition
{
    private Condition() { }

    /// <summary>The stream has exactly this many events. 0: the entity does not exist.</summary>
    public sealed partial record StreamAt(StreamId Stream, long Version) : Condition;

    /// <summary>The package exists and takes files.</summary>
    public sealed partial record PackageOpen(TenantId Tenant, PackageId Package) : Condition;

    public sealed partial record PathFree(TenantId Tenant, PackageId Package, RelativePath Path) : Condition;

    /// <summary>The content has a live location in this backend, so it may be referred to.</summary>
    public sealed partial record LocationLive(TenantId Tenant, BackendId Backend, Digest256 Content) : Condition;

    /// <summary>My reservation stands and nothing is live: I may settle (design §6, step 5).</summary>
    public sealed partial record MaySettle(Reservation Reservation) : Condition;

    /// <summary>This very generation is in this state.</summary>
    public sealed partial record LocationIs(TenantId Tenant, BackendId Backend, Digest256 Content, int Generation, LocationState State) : Condition;

    /// <summary>A reservation row of this key exists, whoever owns it. Anybody may turn it into condemned.</summary>
    public sealed partial record ReservationExists(TenantId Tenant, BackendId Backend, Digest256 Content, int Generation) : Condition;

    /// <summary>Neither a location nor a reservation has this number: whoever condemns an orphan under it takes nobody's key (ADR 9).</summary>
    public sealed partial record GenerationFree(TenantId Tenant, BackendId Backend, Digest256 Content, int Generation) : Condition;

    /// <summary>
    /// The package will expire, and before this time: what an extension rests on. Extensions only go later, whoever else extends meanwhile.
    /// </summary>
    public sealed partial record ExpiryBefore(TenantId Tenant, PackageId Package, DateTimeOffset Time) : Condition;

    /// <summary>The package expires at exactly this time: what a sweep believed when it found it. Null: it never expires.</summary>
    public sealed partial record ExpiryIs(TenantId Tenant, PackageId Package, DateTimeOffset? Time) : Condition;

    /// <summary>Whether the package is marked as one that may be deleted.</summary>
    public sealed partial record EligibilityIs(TenantId Tenant, PackageId Package, bool Eligible) : Condition;

    /// <summary>
    /// The one gate of every deletion (design §6, rule 8): no hold is on this package, on its producer or subject or a part of their path,
    /// or on everything. A producer and a subject never change, so they are part of the condition.
    /// </summary>
    public sealed partial record PackageNotHeld(TenantId Tenant, PackageId Package, string Producer, string Subject) : Condition;

    /// <summary>The package is there, and its collection has not begun.</summary>
    public sealed partial record PackageStands(TenantId Tenant, PackageId Package) : Condition;

    /// <summary>The collection of the package has begun and not ended.</summary>
    public sealed partial record PackageCollecting(TenantId Tenant, PackageId Package) : Condition;

    /// <summary>Its collection has begun, and nothing of it is left to release or to delete.</summary>
    public sealed partial record NothingLeft(TenantId Tenant, PackageId Package) : Condition;

    /// <summary>
    /// This reference stands, and no other keeps the content in this backend (ADR 9): whatever names the backend, or none, is a keeper.
    /// </summary>
    public sealed partial record KeptOnlyBy(TenantId Tenant, BackendId Backend, Digest256 Content, Keeper Keeper) : Condition;

    /// <summary>This reference stands, and others keep the content in this backend as well.</summary>
    public sealed partial record KeptBeside(TenantId Tenant, BackendId Backend, Digest256 Content, Keeper Keeper) : Condition;

    /// <summary>Nothing keeps the content in this backend.</summary>
    public sealed partial record NotKept(TenantId Tenant, BackendId Backend, Digest256 Content) : Condition;

    /// <summary>No hold is on everything: bytes may be condemned.</summary>
    public sealed partial record NotAllHeld(TenantId Tenant) : Condition;

    /// <summary>No hold that stands has this id.</summary>
    public sealed partial record HoldIdFree(TenantId Tenant, HoldId Hold) : Condition;

    /// <summary>
    /// This hold stands. With a key it is the very one: a hold that was released and applied again under its id is another.
    /// </summary>
    public sealed partial record HoldStands(TenantId Tenant, HoldId Hold, HoldKind Kind, string Covers, long? Key = null) : Condition;

    /// <summary>Nobody used this idempotency key.</summary>
    public sealed partial record IdempotencyKeyFree(TenantId Tenant, string Actor, string Key) : Condition;
}

/// <summary>A change of a working table that belongs to the append. Losing working tables loses no answered write.</summary>
public abstract partial record WorkChange
{
    private WorkChange() { }

    public sealed partial record DropReservation(TenantId Tenant, BackendId Backend, Digest256 Content, int Generation) : WorkChange;

    /// <summary>The candidate was looked at. One that was queued again since stays.</summary>
    public sealed partial record DropCandidate(TenantId Tenant, Digest256 Content, long QueuedBy) : WorkChange;

    public sealed partial record RememberIdempotencyKey(IdempotencyEntry Entry) : WorkChange;
}

/// <summary>One idempotency key: bound to the digest of the request it came with, answering with the id it made.</summary>
public sealed partial record IdempotencyEntry(
    TenantId Tenant,
    string Actor,
    string Key,
    Digest256 RequestDigest,
    string ResultId,
    DateTimeOffset CreatedAt);

/// <summary>What became of an append.</summary>
public abstract partial record AppendResult
{
    private AppendResult() { }

    /// <summary>Durable. The events have the sequences <paramref name="FirstSequence"/>, +1, … in the order given.</summary>
    public sealed partial record Committed(long FirstSequence, int Count) : AppendResult
    {
        public long LastSequence => FirstSequence + Count - 1;
    }

    /// <summary>Nothing was written: this condition (by index) does not hold.</summary>
    public sealed partial record Refused(int ConditionIndex) : AppendResult;
}
