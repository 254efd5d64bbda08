using System.Text;
using ArtifactStore.Grains.MetadataSchemas.JsonSchema;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Grains.Tests.MetadataSchemas;

internal static class Schemas
{
    public static CanonicalDocument Document(string json) =>
        CanonicalDocument.TryFromJson(Encoding.UTF8.GetBytes(json), CanonicalLimits.Default, out var document, out var error)
            ? document
            : throw new ArgumentException(error, nameof(json));

    public static CompiledSchema Compile(string json) =>
        JsonSchemaCompiler.TryCompile(Document(json), out var compiled, out var errors)
            ? compiled
            : throw new ArgumentException(string.Join("; ", errors), nameof(json));

    public static IReadOnlyList<SchemaError> Refusals(string json)
    {
        Assert.False(JsonSchemaCompiler.TryCompile(Document(json), out _, out var errors), $"{json} was accepted");
        return errors;
    }

    public static IReadOnlyList<SchemaError> Errors(string schema, string instance) => Compile(schema).Validate(Document(instance));
}
