using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>One schema, compiled: all its rules must hold. No rules is the schema that accepts everything.</summary>
internal sealed class SchemaNode(string pointer)
{
    private readonly List<SchemaRule> _rules = [];

    public string Pointer { get; } = pointer;

    /// <summary>Schemas that judge the same value as this one. A cycle among them would never end, so the compiler looks for one.</summary>
    public IEnumerable<SchemaNode> InPlace => _rules.SelectMany(rule => rule.InPlace);

    public void Add(SchemaRule rule) => _rules.Add(rule);

    public bool Check(CanonicalValue value, ValidationRun run)
    {
        if (!run.Enter())
            return false;
        var valid = true;
        foreach (var rule in _rules)
        {
            valid &= rule.Check(value, run);
            if (!valid && run.Enough)
                break;
        }

        run.Leave();
        return valid;
    }
}

/// <summary>One keyword, or a few that only make sense together. A rule about another kind of value is satisfied.</summary>
internal abstract class SchemaRule
{
    public virtual IEnumerable<SchemaNode> InPlace => [];

    /// <summary>Answers whether the value fits; says why not through <see cref="ValidationRun.Fail"/>.</summary>
    public abstract bool Check(CanonicalValue value, ValidationRun run);
}

internal sealed class NeverRule : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run) => run.Fail("no value is allowed here");
}

internal sealed class ReferenceRule : SchemaRule
{
    /// <summary>Set once all definitions are compiled; references may point forward and at themselves.</summary>
    public SchemaNode? Target { get; set; }

    public override IEnumerable<SchemaNode> InPlace => [Target!];

    public override bool Check(CanonicalValue value, ValidationRun run) => Target!.Check(value, run);
}

internal sealed class AllOfRule(IReadOnlyList<SchemaNode> schemas) : SchemaRule
{
    public override IEnumerable<SchemaNode> InPlace => schemas;

    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        var valid = true;
        foreach (var schema in schemas)
        {
            valid &= schema.Check(value, run);
            if (!valid && run.Enough)
                break;
        }

        return valid;
    }
}

internal sealed class AnyOfRule(IReadOnlyList<SchemaNode> schemas) : SchemaRule
{
    public override IEnumerable<SchemaNode> InPlace => schemas;

    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        foreach (var schema in schemas)
        {
            if (run.Quietly(value, schema))
                return true;
        }

        return run.Fail($"fits none of the {schemas.Count} alternatives of anyOf");
    }
}

internal sealed class OneOfRule(IReadOnlyList<SchemaNode> schemas) : SchemaRule
{
    public override IEnumerable<SchemaNode> InPlace => schemas;

    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        var fitting = 0;
        foreach (var schema in schemas)
        {
            if (run.Quietly(value, schema) && ++fitting > 1)
                return run.Fail("fits more than one alternative of oneOf");
        }

        return fitting == 1 || run.Fail($"fits none of the {schemas.Count} alternatives of oneOf");
    }
}

internal sealed class NotRule(SchemaNode schema) : SchemaRule
{
    public override IEnumerable<SchemaNode> InPlace => [schema];

    // Out of budget, the inner answer means nothing; the run as a whole is refused then, so either answer is safe.
    public override bool Check(CanonicalValue value, ValidationRun run) =>
        !run.Quietly(value, schema) || run.Fail("fits a schema that is excluded by not");
}

internal sealed class ConditionalRule(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : SchemaRule
{
    public override IEnumerable<SchemaNode> InPlace => new[] { condition, then, otherwise }.OfType<SchemaNode>();

    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        var branch = run.Quietly(value, condition) ? then : otherwise;
        return branch is null || branch.Check(value, run);
    }
}
