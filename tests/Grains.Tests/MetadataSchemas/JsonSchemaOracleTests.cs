using System.Text.Json;

namespace ArtifactStore.Grains.Tests.MetadataSchemas;

/// <summary>The answers of an independent validator, recorded by oracle/make-cases.js.</summary>
public class JsonSchemaOracleTests
{
    [Fact]
    public void Every_recorded_case_is_judged_as_the_independent_validator_judged_it()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "MetadataSchemas", "cases.json")));
        var wrong = new List<string>();
        foreach (var row in cases.RootElement.EnumerateArray())
        {
            var (schema, instance) = (row.GetProperty("schema").GetRawText(), row.GetProperty("instance").GetRawText());
            var errors = Schemas.Errors(schema, instance);
            if (row.GetProperty("valid").GetBoolean() != (errors.Count == 0))
                wrong.Add($"{schema} on {instance}: {(errors.Count == 0 ? "accepted" : errors[0].Message)}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.InRange(cases.RootElement.GetArrayLength(), 400, 1000);
    }
}
