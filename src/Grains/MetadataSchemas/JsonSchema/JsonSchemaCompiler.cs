using System.Diagnostics.CodeAnalysis;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.MetadataSchemas.JsonSchema;

/// <summary>
/// Compiles the subset of JSON Schema 2020-12 that docs/formats/metadata-schema.md states. A keyword outside it is an error at its
/// place, never ignored: a schema that is accepted means what it says.
/// </summary>
public static class JsonSchemaCompiler
{
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";
    public const int MaxSchemas = 4096;
    public const int MaxPatterns = 256;

    /// <summary>How many schemas may judge one value through references and combinations, one inside the other.</summary>
    public const int MaxInPlaceDepth = 64;

    public static bool TryCompile(
        CanonicalDocument schema, [NotNullWhen(true)] out CompiledSchema? compiled, out IReadOnlyList<SchemaError> errors)
    {
        var parser = new SchemaParser(schema.Root);
        var root = parser.Parse();
        if (parser.Errors.Count == 0)
            FindLoops(parser.Nodes, parser.Errors);
        errors = [.. parser.Errors.Take(CompiledSchema.MaxErrors)];
        compiled = errors.Count == 0 ? new(root) : null;
        return compiled is not null;
    }

    /// <summary>
    /// A schema that refers to itself without going down into the instance would never finish. Depth-first over the edges that stay
    /// at the same value; a chain longer than the bound ends the search, so this recursion is bounded, too.
    /// </summary>
    private static void FindLoops(IReadOnlyCollection<SchemaNode> nodes, List<SchemaError> errors)
    {
        var heights = new Dictionary<SchemaNode, int>();
        var open = new HashSet<SchemaNode>();
        foreach (var node in nodes)
        {
            if (!Measure(node))
                return;
        }

        bool Measure(SchemaNode node)
        {
            if (heights.ContainsKey(node))
                return true;
            if (!open.Add(node))
                return Refuse(node, "refers to itself without end");
            var height = 1;
            foreach (var next in node.InPlace)
            {
                if (open.Count > MaxInPlaceDepth)
                    return Refuse(node, TooDeep);
                if (!Measure(next))
                    return false;
                height = Math.Max(height, heights[next] + 1);
            }

            open.Remove(node);
            heights[node] = height;
            return height <= MaxInPlaceDepth || Refuse(node, TooDeep);
        }

        bool Refuse(SchemaNode node, string reason)
        {
            errors.Add(new(node.Pointer, reason));
            return false;
        }
    }

    private static readonly string TooDeep = $"more than {MaxInPlaceDepth} schemas judge one value, one inside the other";
}
