using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>Turns schema documents into nodes, collecting every error with its pointer. Used once, by the compiler.</summary>
internal sealed class SchemaParser(CanonicalValue document)
{
    private const string RootReference = "#";
    private const string DefinitionPrefix = "#/$defs/";

    /// <summary>Say something to people and tools, nothing about validity. format is one of them by default in 2020-12.</summary>
    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "title", "description", "default", "examples", "$comment", "deprecated", "readOnly", "writeOnly", "format",
    };

    private static readonly HashSet<string> RootOnly = new(StringComparer.Ordinal) { "$schema", "$id", "$defs" };

    private readonly Dictionary<string, SchemaNode> _definitions = new(StringComparer.Ordinal);
    private readonly List<(string Pointer, string Target, ReferenceRule Rule)> _references = [];
    private SchemaNode? _root;
    private int _patterns;

    public List<SchemaError> Errors { get; } = [];

    public List<SchemaNode> Nodes { get; } = [];

    public SchemaNode Parse()
    {
        _root = ParseSchema(document, "");
        foreach (var (pointer, target, rule) in _references)
        {
            rule.Target = Resolve(target);
            if (rule.Target is null)
                Errors.Add(new(pointer, $"\"{target}\" refers to nothing: only \"#\" and \"#/$defs/NAME\" are supported"));
        }

        return _root;
    }

    public SchemaNode ParseSchema(CanonicalValue schema, string pointer)
    {
        var node = new SchemaNode(pointer);
        Nodes.Add(node);
        if (Nodes.Count == JsonSchemaCompiler.MaxSchemas + 1)
            Errors.Add(new(pointer, $"more than {JsonSchemaCompiler.MaxSchemas} schemas"));
        if (schema.Kind == CanonicalKind.Map)
            ParseKeywords(new(this, schema, pointer), node);
        else if (schema.Kind != CanonicalKind.Boolean)
            Errors.Add(new(pointer, "a schema must be an object or a boolean"));
        else if (!schema.AsBoolean())
            node.Add(new NeverRule());
        return node;
    }

    private BoundedPattern? ParsePattern(string pattern, string pointer)
    {
        var error = $"more than {JsonSchemaCompiler.MaxPatterns} patterns";
        if (++_patterns <= JsonSchemaCompiler.MaxPatterns && EcmaPattern.TryCompile(pattern, out var compiled, out error))
            return compiled;
        Errors.Add(new(pointer, error));
        return null;
    }

    private void ParseKeywords(SchemaKeywords keywords, SchemaNode node)
    {
        if (node.Pointer.Length == 0)
            ParseRoot(keywords);
        ParseReference(keywords, node);
        ParseValueRules(keywords, node);
        ParseTextAndNumberRules(keywords, node);
        ParseArrayRules(keywords, node);
        ParseObjectRules(keywords, node);
        ParseCombinations(keywords, node);
        foreach (var keyword in keywords.Untouched.Where(keyword => !Annotations.Contains(keyword)))
        {
            var reason = RootOnly.Contains(keyword) ? $"{keyword} is supported at the root only" : $"unsupported keyword {keyword}";
            keywords.Fail(keyword, reason);
        }
    }

    private void ParseRoot(SchemaKeywords keywords)
    {
        if (keywords.Text("$schema") is { } dialect
            && !string.Equals(dialect.TrimEnd('#'), JsonSchemaCompiler.Dialect, StringComparison.Ordinal))
            keywords.Fail("$schema", $"only {JsonSchemaCompiler.Dialect} is supported");
        keywords.Text("$id");
        foreach (var (name, definition) in keywords.SchemasByName("$defs") ?? [])
            _definitions[name] = definition;
    }

    private void ParseReference(SchemaKeywords keywords, SchemaNode node)
    {
        if (keywords.Text("$ref") is not { } target)
            return;
        var rule = new ReferenceRule();
        _references.Add((keywords.PointerOf("$ref"), target, rule));
        node.Add(rule);
    }

    private SchemaNode? Resolve(string target)
    {
        if (string.Equals(target, RootReference, StringComparison.Ordinal))
            return _root;
        if (!target.StartsWith(DefinitionPrefix, StringComparison.Ordinal))
            return null;
        var name = target[DefinitionPrefix.Length..];
        // A further slash would point into a definition; escaped ones belong to the name.
        return name.Contains('/', StringComparison.Ordinal)
            ? null
            : _definitions.GetValueOrDefault(JsonPointer.Unescape(Uri.UnescapeDataString(name)));
    }

    private static void ParseValueRules(SchemaKeywords keywords, SchemaNode node)
    {
        if (keywords.Types("type") is { } types)
            node.Add(new TypeRule(types.Allowed, types.Names));
        if (keywords.Values("enum") is { } values)
            node.Add(new OneOfValuesRule(values));
        if (keywords.Value("const") is { } only)
            node.Add(new OneOfValuesRule([only]));
    }

    private void ParseTextAndNumberRules(SchemaKeywords keywords, SchemaNode node)
    {
        if (keywords.Range("minLength", "maxLength") is { } length)
            node.Add(new LengthRule(length.Min, length.Max));
        if (keywords.Text("pattern") is { } pattern && ParsePattern(pattern, keywords.PointerOf("pattern")) is { } compiled)
            node.Add(new PatternRule(compiled));
        foreach (var (keyword, bound) in new[]
        {
            ("minimum", Bound.Minimum), ("exclusiveMinimum", Bound.ExclusiveMinimum),
            ("maximum", Bound.Maximum), ("exclusiveMaximum", Bound.ExclusiveMaximum),
        })
        {
            if (keywords.Number(keyword) is { } limit)
                node.Add(new BoundRule(bound, limit));
        }

        if (keywords.Number("multipleOf") is not { } divisor)
            return;
        if (divisor.AsNumber() > 0)
            node.Add(new MultipleOfRule(divisor));
        else
            keywords.Fail("multipleOf", "must be greater than zero");
    }

    private static void ParseArrayRules(SchemaKeywords keywords, SchemaNode node)
    {
        var prefix = keywords.Schemas("prefixItems");
        var items = keywords.Schema("items");
        if (prefix is not null || items is not null)
            node.Add(new ItemsRule(prefix ?? [], items));
        if (keywords.Range("minItems", "maxItems") is { } count)
            node.Add(new CountRule(CanonicalKind.Array, count.Min, count.Max));
        if (keywords.Flag("uniqueItems") == true)
            node.Add(new UniqueItemsRule());
        keywords.NeedsBeside("minContains", "contains");
        keywords.NeedsBeside("maxContains", "contains");
        var found = keywords.Range("minContains", "maxContains", defaultMin: 1);
        if (keywords.Schema("contains") is { } wanted)
            node.Add(new ContainsRule(wanted, found?.Min ?? 1, found?.Max ?? long.MaxValue));
    }

    private void ParseObjectRules(SchemaKeywords keywords, SchemaNode node)
    {
        var named = keywords.SchemasByName("properties");
        var patterns = keywords.SchemasByName("patternProperties");
        var additional = keywords.Schema("additionalProperties");
        var names = keywords.Schema("propertyNames");
        if (named is not null || patterns is not null || additional is not null || names is not null)
        {
            var compiled = (patterns ?? [])
                .Select(pair => (Pattern: ParsePattern(pair.Key, pair.Value.Pointer), Schema: pair.Value))
                .Where(pair => pair.Pattern is not null).Select(pair => (pair.Pattern!, pair.Schema)).ToList();
            node.Add(new MembersRule(named ?? [], compiled, additional, names));
        }

        if (keywords.Range("minProperties", "maxProperties") is { } count)
            node.Add(new CountRule(CanonicalKind.Map, count.Min, count.Max));
        if (keywords.Names("required") is { } required)
            node.Add(new RequiredRule(null, required));
        foreach (var (trigger, needed) in keywords.NamesByName("dependentRequired") ?? [])
            node.Add(new RequiredRule(trigger, needed));
    }

    private static void ParseCombinations(SchemaKeywords keywords, SchemaNode node)
    {
        if (keywords.Schemas("allOf") is { } all)
            node.Add(new AllOfRule(all));
        if (keywords.Schemas("anyOf") is { } any)
            node.Add(new AnyOfRule(any));
        if (keywords.Schemas("oneOf") is { } one)
            node.Add(new OneOfRule(one));
        if (keywords.Schema("not") is { } excluded)
            node.Add(new NotRule(excluded));
        keywords.NeedsBeside("then", "if");
        keywords.NeedsBeside("else", "if");
        var (then, otherwise) = (keywords.Schema("then"), keywords.Schema("else"));
        if (keywords.Schema("if") is { } condition)
            node.Add(new ConditionalRule(condition, then, otherwise));
    }
}
