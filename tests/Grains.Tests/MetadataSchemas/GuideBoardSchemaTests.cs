using System.Text.Json.Nodes;
using ArtifactStore.Grains.MetadataSchemas.JsonSchema;

namespace ArtifactStore.Grains.Tests.MetadataSchemas;

/// <summary>Row G01: the schema of the first producer, and documents that do and do not fit it.</summary>
public class GuideBoardSchemaTests
{
    private const string Run = """
        {
          "run_id": "2026-07-02T10-15-00Z-cmis",
          "target_profile_ref": "profiles/targets/alfresco-7.4",
          "assessment_profile_ref": "profiles/assessments/cmis-1.1",
          "result_status": "warning",
          "source_commits": { "guide-board": "0123456789abcdef0123456789abcdef01234567" },
          "report_paths": ["reports/cmis-summary.md", "reports/scorecard.json"],
          "evidence_counts": { "pass": 118, "fail": 2, "expected_gap": 5 },
          "finding_counts": { "high": 0, "low": 7 },
          "operator_note": "further fields are allowed"
        }
        """;

    private static readonly CompiledSchema Schema =
        Schemas.Compile(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "schemas", "guide-board.run.v1.json")));

    [Fact]
    public void G01_a_realistic_run_is_valid() => Assert.Empty(Schema.Validate(Schemas.Document(Run)));

    [Theory]
    [InlineData("run_id")]
    [InlineData("target_profile_ref")]
    [InlineData("assessment_profile_ref")]
    [InlineData("result_status")]
    [InlineData("source_commits")]
    [InlineData("report_paths")]
    [InlineData("evidence_counts")]
    [InlineData("finding_counts")]
    public void G01_every_required_field_is_missed(string field)
    {
        var run = JsonNode.Parse(Run)!.AsObject();
        run.Remove(field);
        Assert.Equal($"lacks \"{field}\"", Assert.Single(Schema.Validate(Schemas.Document(run.ToJsonString()))).Message);
    }

    [Theory]
    [InlineData("run_id", "\"\"", "/run_id")]
    [InlineData("result_status", "7", "/result_status")]
    [InlineData("source_commits", """{"guide-board":"not a commit"}""", "/source_commits/guide-board")]
    [InlineData("source_commits", """{"../up":"0123456789abcdef"}""", "/source_commits")]
    [InlineData("report_paths", """["reports/../../etc/passwd"]""", "/report_paths/0")]
    [InlineData("report_paths", """["/etc/passwd"]""", "/report_paths/0")]
    [InlineData("report_paths", """["a","a"]""", "/report_paths")]
    [InlineData("evidence_counts", """{"pass":-1}""", "/evidence_counts/pass")]
    [InlineData("finding_counts", """{"high":1.5}""", "/finding_counts/high")]
    public void G01_a_wrong_value_is_pointed_at(string field, string value, string pointer)
    {
        var run = JsonNode.Parse(Run)!.AsObject();
        run[field] = JsonNode.Parse(value);
        Assert.Equal(pointer, Assert.Single(Schema.Validate(Schemas.Document(run.ToJsonString()))).Pointer);
    }
}
