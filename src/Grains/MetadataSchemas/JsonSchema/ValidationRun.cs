using System.Globalization;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>
/// The state of one validation: where we are in the instance, what was found, how much work is left. Inside a quiet part
/// (the branches of anyOf, not, if) a mismatch is an answer, not an error, and nothing is recorded.
/// </summary>
internal sealed class ValidationRun
{
    /// <summary>Schemas within schemas, along references as well: keeps the stack of the thread small.</summary>
    private const int MaxDepth = 512;
    private const int BytesPerStep = 64;

    private readonly List<string> _path = [];
    private readonly List<SchemaError> _errors = [];
    private int _quiet;
    private int _steps;
    private int _depth;

    public IReadOnlyList<SchemaError> Errors => _errors;

    public bool Exhausted { get; private set; }

    /// <summary>True when more errors could not change the answer: every rule may stop at its first mismatch.</summary>
    public bool Enough => Exhausted || _quiet > 0 || _errors.Count >= CompiledSchema.MaxErrors;

    /// <summary>Counts work; false once the budget is spent, and then everything unwinds.</summary>
    public bool Spend(int steps = 1)
    {
        _steps += steps;
        Exhausted |= _steps > CompiledSchema.MaxSteps;
        return !Exhausted;
    }

    /// <summary>One schema deeper; false when the budget or the depth is spent, and then <see cref="Leave"/> is not due.</summary>
    public bool Enter()
    {
        Exhausted |= _depth >= MaxDepth;
        if (!Spend())
            return false;
        _depth++;
        return true;
    }

    public void Leave() => _depth--;

    /// <summary>Work that grows with the length of what is looked at, in steps of some microseconds.</summary>
    public bool SpendOn(ReadOnlyMemory<byte> bytes) => Spend(1 + bytes.Length / BytesPerStep);

    public bool Fail(string message)
    {
        if (!Enough)
            _errors.Add(new(JsonPointer.Of(_path), message));
        return false;
    }

    public bool Member(string key, CanonicalValue value, SchemaNode schema)
    {
        _path.Add(key);
        var valid = schema.Check(value, this);
        _path.RemoveAt(_path.Count - 1);
        return valid;
    }

    public bool Element(int index, CanonicalValue value, SchemaNode schema) =>
        Member(index.ToString(CultureInfo.InvariantCulture), value, schema);

    public bool Quietly(CanonicalValue value, SchemaNode schema)
    {
        _quiet++;
        var valid = schema.Check(value, this);
        _quiet--;
        return valid;
    }
}

/// <summary>RFC 6901.</summary>
internal static class JsonPointer
{
    public static string Of(IEnumerable<string> segments) => string.Concat(segments.Select(segment => "/" + Escape(segment)));

    public static string Escape(string segment) =>
        segment.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string Unescape(string segment) =>
        segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
