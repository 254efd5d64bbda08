using System.Collections.Immutable;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ApplyDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Retention.HoldState, ArtifactStore.Interfaces.Retention.HoldView>;
using ReleaseDecision = ArtifactStore.Grains.Journaling.Decision<ArtifactStore.Grains.Retention.HoldState, bool>;

namespace ArtifactStore.Grains.Retention;

/// <summary>The hold that stands, or none. Every event up to the sequence is in it.</summary>
public sealed record HoldState(HoldView? Hold, long Sequence);

/// <summary>A hold that is on no single package stands from its application to its release, whatever the clock says meanwhile.</summary>
public static class HoldDecider
{
    public static ApplyDecision Decide(HoldState state, ApplyHold command)
    {
        if (RetentionTexts.Refusal(command) is { } refusal) return new ApplyDecision.Rejected(refusal);
        if (state.Hold is not null) return new ApplyDecision.Rejected(Exists(command));
        var conditions = ImmutableArray.Create<Condition>(new Condition.HoldIdFree(command.Tenant, command.Hold));
        if (command.Cover.Kind == HoldKind.Content)
        {
            // A reference has a location that is live: the door found one, the journal proves it.
            if (command.Live is not { } backend || !Digest256.TryParseHex(command.Cover.Covers, out var blake3))
                return new ApplyDecision.Rejected(ErrorCatalogue.ContentUnknown.With("the content is nowhere in the store"));
            conditions = conditions.Add(new Condition.LocationLive(command.Tenant, backend, blake3));
        }
        var hold = Applied(command);
        var fact = new StreamEvent(StreamId.Of(command.Tenant, command.Hold), command.Time.CutToMicroseconds(), hold);
        return new ApplyDecision.Accepted(
            new(command.AppendId, command.Tenant, command.Actor, [fact], conditions, []), after => after.Hold ?? View(fact, hold, after.Sequence));
    }

    public static ReleaseDecision Decide(HoldState state, ReleaseHold command)
    {
        if (RetentionTexts.Reason(command.Reason) is { } refusal) return new ReleaseDecision.Rejected(refusal);
        var fact = new StreamEvent(
            StreamId.Of(command.Tenant, command.Hold), command.Time.CutToMicroseconds(), new HoldReleased(command.Hold, command.Reason));
        var stands = new Condition.HoldStands(command.Tenant, command.Hold, command.Cover.Kind, command.Cover.Covers, command.Key);
        return new ReleaseDecision.Accepted(new(command.AppendId, command.Tenant, command.Actor, [fact], [stands], []), _ => true);
    }

    public static HoldState Evolve(HoldState state, StreamEvent @event, long sequence) => @event.Body switch
    {
        HoldApplied hold => new(View(@event, hold, sequence), sequence),
        HoldReleased => new(null, sequence),
        _ => state,
    };

    internal static HoldApplied Applied(ApplyHold command) => new(
        command.Hold, command.Cover.Kind, command.Cover.Covers, command.Reason, command.Owner, command.Until?.CutToMicroseconds());

    internal static HoldView View(StreamEvent @event, HoldApplied hold, long sequence) => new(
        sequence, @event.Stream.Tenant, hold.Hold, hold.Kind, hold.Covers, hold.Reason, hold.Owner, @event.Time, hold.Until);

    internal static Error Exists(ApplyHold command) => ErrorCatalogue.HoldExists.With($"the hold {command.Hold} stands");

    internal static Error Unknown(ReleaseHold command) => ErrorCatalogue.HoldUnknown.With($"the hold {command.Hold} does not stand there");
}
