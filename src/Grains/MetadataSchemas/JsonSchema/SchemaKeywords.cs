using System.Globalization;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>
/// The keywords of one schema object, read by name and checked for form. Remembers which were asked for, so that whatever nobody
/// asked for is known to be unsupported: a keyword cannot be forgotten silently.
/// </summary>
internal sealed class SchemaKeywords(SchemaParser parser, CanonicalValue schema, string pointer)
{
    private static readonly Dictionary<string, JsonTypes> TypeNames = new(StringComparer.Ordinal)
    {
        ["null"] = JsonTypes.Null,
        ["boolean"] = JsonTypes.Boolean,
        ["integer"] = JsonTypes.Integer,
        ["number"] = JsonTypes.Number,
        ["string"] = JsonTypes.String,
        ["array"] = JsonTypes.Array,
        ["object"] = JsonTypes.Object,
    };

    private readonly Dictionary<string, CanonicalValue> _values = new(schema.Members(), StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);

    public IEnumerable<string> Untouched => _values.Keys.Where(keyword => !_touched.Contains(keyword));

    public string PointerOf(string keyword) => $"{pointer}/{JsonPointer.Escape(keyword)}";

    public void Fail(string keyword, string message) => parser.Errors.Add(new(PointerOf(keyword), message));

    /// <summary>The specification ignores such a keyword on its own; whoever writes it expects an effect, so it is refused.</summary>
    public void NeedsBeside(string keyword, string companion)
    {
        if (_values.ContainsKey(keyword) && !_values.ContainsKey(companion))
            Fail(keyword, $"{keyword} has no effect without {companion}");
    }

    public CanonicalValue? Value(string keyword)
    {
        _touched.Add(keyword);
        return _values.TryGetValue(keyword, out var value) ? value : null;
    }

    public string? Text(string keyword) => Read(keyword, CanonicalKind.Text, "a string")?.AsText();

    public bool? Flag(string keyword) => Read(keyword, CanonicalKind.Boolean, "a boolean")?.AsBoolean();

    public CanonicalValue? Number(string keyword)
    {
        var value = Value(keyword);
        if (value is not { IsNumber: false })
            return value;
        Fail(keyword, "must be a number");
        return null;
    }

    public (long Min, long Max)? Range(string minKeyword, string maxKeyword, long defaultMin = 0)
    {
        var (min, max) = (Size(minKeyword), Size(maxKeyword));
        return min is null && max is null ? null : (min ?? defaultMin, max ?? long.MaxValue);
    }

    public (JsonTypes Allowed, string Names)? Types(string keyword)
    {
        if (Value(keyword) is not { } value)
            return null;
        var names = value.Kind == CanonicalKind.Text ? [value.AsText()] : NamesIn(value);
        if (names is null || names.Count == 0 || names.Any(name => !TypeNames.ContainsKey(name)))
        {
            Fail(keyword, "must be one or more of null, boolean, integer, number, string, array, object");
            return null;
        }

        return (names.Aggregate(JsonTypes.None, (all, name) => all | TypeNames[name]), string.Join(" or ", names));
    }

    public IReadOnlyCollection<CanonicalValue>? Values(string keyword) =>
        Read(keyword, CanonicalKind.Array, "an array")?.Elements().ToList();

    public IReadOnlyList<string>? Names(string keyword)
    {
        if (Value(keyword) is not { } value)
            return null;
        var names = NamesIn(value);
        if (names is null)
            Fail(keyword, "must be an array of different strings");
        return names;
    }

    public Dictionary<string, IReadOnlyList<string>>? NamesByName(string keyword)
    {
        if (Read(keyword, CanonicalKind.Map, "an object") is not { } map)
            return null;
        var result = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, value) in map.Members())
        {
            if (NamesIn(value) is { } names)
                result[name] = names;
            else
                parser.Errors.Add(new($"{PointerOf(keyword)}/{JsonPointer.Escape(name)}", "must be an array of different strings"));
        }

        return result;
    }

    public SchemaNode? Schema(string keyword) => Value(keyword) is { } value ? parser.ParseSchema(value, PointerOf(keyword)) : null;

    public IReadOnlyList<SchemaNode>? Schemas(string keyword)
    {
        if (Read(keyword, CanonicalKind.Array, "an array of schemas") is not { } array)
            return null;
        if (array.Count == 0)
            Fail(keyword, "must not be empty");
        return [.. array.Elements().Select((element, index) =>
            parser.ParseSchema(element, $"{PointerOf(keyword)}/{index.ToString(CultureInfo.InvariantCulture)}"))];
    }

    public Dictionary<string, SchemaNode>? SchemasByName(string keyword) =>
        Read(keyword, CanonicalKind.Map, "an object of schemas")?.Members().ToDictionary(
            member => member.Key,
            member => parser.ParseSchema(member.Value, $"{PointerOf(keyword)}/{JsonPointer.Escape(member.Key)}"),
            StringComparer.Ordinal);

    private long? Size(string keyword)
    {
        if (Value(keyword) is not { } value)
            return null;
        if (value.Kind == CanonicalKind.Integer && value.AsInteger() >= 0)
            return value.AsInteger();
        Fail(keyword, "must be a non-negative integer");
        return null;
    }

    private CanonicalValue? Read(string keyword, CanonicalKind kind, string what)
    {
        var value = Value(keyword);
        if (value is null || value.Value.Kind == kind)
            return value;
        Fail(keyword, $"must be {what}");
        return null;
    }

    private static List<string>? NamesIn(CanonicalValue value)
    {
        if (value.Kind != CanonicalKind.Array || value.Elements().Any(element => element.Kind != CanonicalKind.Text))
            return null;
        var names = value.Elements().Select(element => element.AsText()).ToList();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Count ? names : null;
    }
}
