using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

[Flags]
internal enum JsonTypes
{
    None = 0, Null = 1, Boolean = 2, Integer = 4, Number = 8, String = 16, Array = 32, Object = 64,
}

internal sealed class TypeRule(JsonTypes allowed, string names) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run) =>
        (TypesOf(value) & allowed) != JsonTypes.None || run.Fail($"is not of type {names}");

    private static JsonTypes TypesOf(CanonicalValue value) => value.Kind switch
    {
        CanonicalKind.Null => JsonTypes.Null,
        CanonicalKind.Boolean => JsonTypes.Boolean,
        CanonicalKind.Integer => JsonTypes.Integer | JsonTypes.Number,
        // 1e300 has no fraction: the specification counts it as an integer although it is held as a double.
        CanonicalKind.Double => double.IsInteger(value.AsNumber()) ? JsonTypes.Integer | JsonTypes.Number : JsonTypes.Number,
        CanonicalKind.Text => JsonTypes.String,
        CanonicalKind.Array => JsonTypes.Array,
        _ => JsonTypes.Object,
    };
}

/// <summary>enum and const. Equal values have equal bytes, so this is a set lookup.</summary>
internal sealed class OneOfValuesRule(IReadOnlyCollection<CanonicalValue> values) : SchemaRule
{
    private readonly HashSet<CanonicalValue> _values = [.. values];

    public override bool Check(CanonicalValue value, ValidationRun run) =>
        (run.SpendOn(value.Cbor) && _values.Contains(value))
        || run.Fail(_values.Count == 1 ? $"is not {_values.First()}" : "is none of the allowed values");
}

internal enum Bound : byte
{
    Minimum, ExclusiveMinimum, Maximum, ExclusiveMaximum,
}

/// <summary>Comparing as doubles is exact: integers stay within ±(2^53-1).</summary>
internal sealed class BoundRule(Bound bound, CanonicalValue limit) : SchemaRule
{
    private readonly double _limit = limit.AsNumber();

    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (!value.IsNumber)
            return true;
        var number = value.AsNumber();
        return bound switch
        {
            Bound.Minimum => number >= _limit || run.Fail($"is less than {limit}"),
            Bound.ExclusiveMinimum => number > _limit || run.Fail($"is not greater than {limit}"),
            Bound.Maximum => number <= _limit || run.Fail($"is greater than {limit}"),
            _ => number < _limit || run.Fail($"is not less than {limit}"),
        };
    }
}

/// <summary>
/// multipleOf on the decimal numbers people write: 0.3 is a multiple of 0.1, although the nearest doubles are not. Exact, as
/// integers scaled by a power of ten.
/// </summary>
internal sealed class MultipleOfRule(CanonicalValue divisor) : SchemaRule
{
    private readonly (BigInteger Digits, int Exponent) _divisor = DecimalOf(divisor);

    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        // Scaling 1e300 against 1e-300 takes numbers of 2,000 bits: cheap, but not one step.
        if (!value.IsNumber || !run.Spend(10))
            return true;
        var (digits, exponent) = DecimalOf(value);
        var shared = Math.Min(exponent, _divisor.Exponent);
        var dividend = digits * BigInteger.Pow(10, exponent - shared);
        var unit = _divisor.Digits * BigInteger.Pow(10, _divisor.Exponent - shared);
        return (dividend % unit).IsZero || run.Fail($"is not a multiple of {divisor}");
    }

    private static (BigInteger Digits, int Exponent) DecimalOf(CanonicalValue value)
    {
        var text = value.ToJson();
        var exponent = 0;
        var e = text.IndexOf('e', StringComparison.Ordinal);
        if (e >= 0)
        {
            exponent = int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }

        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
            exponent -= text.Length - dot - 1;
        return (BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), exponent);
    }
}

/// <summary>minLength and maxLength, counted in code points: every UTF-8 byte that does not continue a character starts one.</summary>
internal sealed class LengthRule(long min, long max) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run)
    {
        if (value.Kind != CanonicalKind.Text || !run.SpendOn(value.Cbor))
            return true;
        var length = 0L;
        foreach (var unit in value.AsUtf8())
            length += (unit & 0xC0) == 0x80 ? 0 : 1;
        if (length < min)
            return run.Fail($"has {length} characters, fewer than {min}");
        return length <= max || run.Fail($"has {length} characters, more than {max}");
    }
}

internal sealed class PatternRule(BoundedPattern pattern) : SchemaRule
{
    public override bool Check(CanonicalValue value, ValidationRun run) =>
        value.Kind != CanonicalKind.Text
        || (pattern.TryMatch(value.AsText(), run, out var matches) && (matches || run.Fail($"does not match {pattern}")));
}

/// <summary>
/// A pattern whose cost is bounded. Matching is linear in the text, but a large automaton may take microseconds per character: a text
/// that is too long fails instead of being searched, and a search costs more steps than other work of its size.
/// </summary>
internal sealed class BoundedPattern(string source, Regex regex)
{
    public const int MaxTextLength = 16 * 1024;

    /// <summary>False when there is no answer; that is an error of the document, recorded in the run.</summary>
    public bool TryMatch(string text, ValidationRun run, out bool matches)
    {
        matches = false;
        if (text.Length > MaxTextLength)
            return run.Fail($"is too long ({text.Length} characters) to be matched with a pattern");
        if (!run.Spend(1 + text.Length))
            return false;
        try
        {
            matches = regex.IsMatch(text);
            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            return run.Fail($"takes too long to be matched with {source}");
        }
    }

    public override string ToString() => source;
}
