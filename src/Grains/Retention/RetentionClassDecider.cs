using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using RetentionDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Retention.RetentionClassState, ArtifactStore.Interfaces.Retention.RetentionClassView>;

namespace ArtifactStore.Grains.Retention;

/// <summary>The definition that holds, or none. Every event up to the sequence is in it.</summary>
public sealed record RetentionClassState(RetentionClassView? Class, long Sequence);

/// <summary>A class has a slug and a lifetime that is not negative.</summary>
public static class RetentionClassDecider
{
    public const int MaxDescriptionLength = 1024;

    public static RetentionDecision Decide(RetentionClassState state, DefineRetentionClass command)
    {
        if (Slug.Refusal(command.Slug) is { } malformed) return new RetentionDecision.Rejected(malformed);
        if (command.DefaultDurationSeconds < 0) return Malformed("default_duration_seconds is negative");
        if (command.Description.Length > MaxDescriptionLength)
        {
            return Malformed($"description is longer than {MaxDescriptionLength} characters");
        }
        var wanted = new RetentionClassView(command.Slug, command.DefaultDurationSeconds, command.Description);
        if (state.Class == wanted) return new RetentionDecision.Unchanged(wanted);
        var defined = new RetentionClassDefined(command.Slug, command.DefaultDurationSeconds, command.Description);
        var stream = new StreamId(command.Tenant, SubjectKind.RetentionClass, command.Slug);
        var fact = new StreamEvent(stream, command.Time.CutToMicroseconds(), defined);
        return new RetentionDecision.Accepted(new(command.AppendId, command.Tenant, command.Actor, [fact], [], []), _ => wanted);
    }

    public static RetentionClassState Evolve(RetentionClassState state, StreamEvent @event, long sequence) => @event.Body switch
    {
        RetentionClassDefined defined => new(new(defined.Slug, defined.DefaultDurationSeconds, defined.Description), sequence),
        _ => state,
    };

    private static RetentionDecision.Rejected Malformed(string detail) => new(ErrorCatalogue.RequestMalformed.With(detail));
}
