using ArtifactStore.Grains.Journaling;
using ArtifactStore.Grains.MetadataSchemas.JsonSchema;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using SchemaDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.MetadataSchemas.MetadataSchemaState, ArtifactStore.Interfaces.MetadataSchemas.MetadataSchemaView>;

namespace ArtifactStore.Grains.MetadataSchemas;

/// <summary>The registered schema, or none. Every event up to the sequence is in it.</summary>
public sealed record MetadataSchemaState(MetadataSchemaView? Schema, long Sequence);

/// <summary>A schema is registered once, only when every word of it can be enforced, and never changes.</summary>
public static class MetadataSchemaDecider
{
    public static SchemaDecision Decide(MetadataSchemaState state, RegisterMetadataSchema command)
    {
        if (Slug.Refusal(command.Slug) is { } malformed) return new SchemaDecision.Rejected(malformed);
        if (state.Schema is { } registered)
        {
            return registered.Schema == command.Schema
                ? new SchemaDecision.Unchanged(registered)
                : new SchemaDecision.Rejected(ErrorCatalogue.SchemaExists.With($"'{command.Slug}' is registered with other rules"));
        }
        if (!JsonSchemaCompiler.TryCompile(command.Schema, out _, out var errors))
        {
            return new SchemaDecision.Rejected(ErrorCatalogue.SchemaUnsupported.With(Listed(errors)));
        }
        var time = command.Time.CutToMicroseconds();
        var stream = new StreamId(command.Tenant, SubjectKind.MetadataSchema, command.Slug);
        var fact = new StreamEvent(stream, time, new MetadataSchemaRegistered(command.Slug, command.Schema));
        var view = new MetadataSchemaView(command.Slug, command.Schema, time, command.Actor);
        return new SchemaDecision.Accepted(
            new(command.AppendId, command.Tenant, command.Actor, [fact], [new Condition.StreamAt(stream, 0)], []), _ => view);
    }

    public static MetadataSchemaState Evolve(MetadataSchemaState state, StreamEvent @event, string actor, long sequence) =>
        @event.Body switch
        {
            MetadataSchemaRegistered registered => new(new(registered.Slug, registered.Schema, @event.Time, actor), sequence),
            _ => state,
        };

    public static string Listed(IReadOnlyList<SchemaError> errors) =>
        string.Join("; ", errors.Select(error => error.Pointer.Length == 0 ? error.Message : $"{error.Pointer}: {error.Message}"));
}
