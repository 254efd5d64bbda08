using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>What does not fit: a JSON pointer (into the schema when compiling, into the instance when validating) and why.</summary>
public sealed record SchemaError(string Pointer, string Message);

/// <summary>
/// A schema ready to judge documents. Immutable and free of state, so one instance serves all threads. Its work is bounded: errors
/// by <see cref="MaxErrors"/>, evaluation by <see cref="MaxSteps"/> (a small schema can ask for exponential work through references).
/// </summary>
public sealed class CompiledSchema
{
    public const int MaxErrors = 20;
    public const int MaxSteps = 1_000_000;

    private readonly SchemaNode _root;

    internal CompiledSchema(SchemaNode root) => _root = root;

    /// <summary>Empty when the document is valid; otherwise the first errors, at most <see cref="MaxErrors"/>.</summary>
    public IReadOnlyList<SchemaError> Validate(CanonicalDocument instance)
    {
        var run = new ValidationRun();
        _root.Check(instance.Root, run);
        return run.Exhausted ? [new("", $"judging this document takes more than {MaxSteps} steps")] : run.Errors;
    }
}
