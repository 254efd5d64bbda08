using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>properties, patternProperties, additionalProperties and propertyNames: which schemas judge which member.</summary>
internal sealed class MembersRule(
    IReadOnlyDictionary<string, SchemaNode> named,
    IReadOnlyList<(BoundedPattern Pattern, SchemaNode Schema)> patterns,
    SchemaNode? additional,
    SchemaNode? names) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (value.Kind != CanonicalKind.Map)
            return true;
        var valid = true;
        foreach (var (key, member) in value.Members())
        {
            valid &= CheckMember(key, member, run);
            if (!valid && run.Enough)
                break;
        }

        return valid;
    }

    private bool CheckMember(string key, CanonicalValue member, ValidationRun run)
    {
        var valid = run.Spend();
        if (names is not null && !run.Quietly(CanonicalValue.OfText(key), names))
            valid = run.Fail($"the name \"{key}\" is not allowed");
        var judged = named.TryGetValue(key, out var schema);
        if (judged)
            valid &= run.Member(key, member, schema!);
        foreach (var (pattern, candidate) in patterns)
        {
            var answered = pattern.TryMatch(key, run, out var matches);
            judged |= matches;
            valid &= answered && (!matches || run.Member(key, member, candidate));
        }

        return judged || additional is null ? valid : valid & run.Member(key, member, additional);
    }
}

/// <summary>required and dependentRequired: members that must be there, always or when another one is.</summary>
internal sealed class RequiredRule(string? trigger, IReadOnlyList<string> required) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (value.Kind != CanonicalKind.Map || !run.Spend(value.Count))
            return true;
        var present = value.Members().Select(member => member.Key).ToHashSet(StringComparer.Ordinal);
        if (trigger is not null && !present.Contains(trigger))
            return true;
        var valid = true;
        foreach (var name in required)
        {
            if (present.Contains(name))
                continue;
            valid = run.Fail(trigger is null ? $"lacks \"{name}\"" : $"has \"{trigger}\" but lacks \"{name}\"");
        }

        return valid;
    }
}

/// <summary>minProperties, maxProperties, minItems and maxItems.</summary>
internal sealed class CountRule(CanonicalKind kind, long min, long max) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (value.Kind != kind)
            return true;
        var what = kind == CanonicalKind.Map ? "members" : "items";
        if (value.Count < min)
            return run.Fail($"has {value.Count} {what}, fewer than {min}");
        return value.Count <= max || run.Fail($"has {value.Count} {what}, more than {max}");
    }
}

/// <summary>prefixItems judges by position; items judges what follows.</summary>
internal sealed class ItemsRule(IReadOnlyList<SchemaNode> prefix, SchemaNode? rest) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (value.Kind != CanonicalKind.Array)
            return true;
        var valid = true;
        var index = 0;
        foreach (var element in value.Elements())
        {
            if ((index < prefix.Count ? prefix[index] : rest) is { } schema)
                valid &= run.Element(index, element, schema);
            index++;
            if (!valid && run.Enough)
                break;
        }

        return valid;
    }
}

/// <summary>contains with minContains and maxContains; minContains 0 makes contains itself always true.</summary>
internal sealed class ContainsRule(SchemaNode schema, long min, long max) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (value.Kind != CanonicalKind.Array)
            return true;
        var found = value.Elements().LongCount(element => run.Quietly(element, schema));
        if (found < min)
            return run.Fail($"contains {found} items of the wanted kind, fewer than {min}");
        return found <= max || run.Fail($"contains {found} items of the wanted kind, more than {max}");
    }
}

/// <summary>Equal values have equal bytes, so one pass with a set finds a repetition.</summary>
internal sealed class UniqueItemsRule : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (value.Kind != CanonicalKind.Array || !run.SpendOn(value.Cbor) || !run.Spend(value.Count))
            return true;
        var seen = new HashSet<CanonicalValue>();
        foreach (var element in value.Elements())
        {
            if (!seen.Add(element))
                return run.Fail("contains the same item twice");
        }

        return true;
    }
}
