using System.Text;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.MetadataSchemas;

namespace ArtifactStore.Grains.Tests.MetadataSchemas;

public class MetadataSchemaGrainTests
{
    private const string NeedsRunId = """{"type":"object","required":["run_id"],"properties":{"run_id":{"type":"string"}}}""";

    [Fact]
    public async Task A_schema_is_registered_once_and_never_changes()
    {
        await using var world = new World();
        var node = world.Node();
        var first = (await Register(world, node, "run.v1", NeedsRunId)).Value;
        Assert.NotNull(first);
        Assert.Equal(first, (await Register(world, node, "run.v1", NeedsRunId)).Value);
        Assert.Equal(first, (await Register(world, world.Node(), "run.v1", NeedsRunId)).Value);
        World.Refused(ErrorCatalogue.SchemaExists, (await Register(world, node, "run.v1", """{"type":"object"}""")).Error);
        Assert.Equal(1, world.Journal.Head);
    }

    [Fact]
    public async Task Two_nodes_that_register_at_once_agree()
    {
        await using var world = new World();
        var (here, there) = (world.Node(), world.Node());
        World.Refused(ErrorCatalogue.SchemaUnknown, (await Describe(here)).Error);
        Assert.True((await Register(world, there, "run.v1", NeedsRunId)).Succeeded);
        World.Refused(ErrorCatalogue.SchemaExists, (await Register(world, here, "run.v1", """{"type":"object"}""")).Error);
        Assert.Equal(Document(NeedsRunId), (await Describe(here)).Value!.Schema);
    }

    [Theory]
    [InlineData("run.v1", """{"unevaluatedThings":true}""", "schema_unsupported")]
    [InlineData("Run", NeedsRunId, "request_malformed")]
    [InlineData("", NeedsRunId, "request_malformed")]
    public async Task What_cannot_be_enforced_or_named_is_refused(string slug, string schema, string code)
    {
        await using var world = new World();
        Assert.Equal(code, (await Register(world, world.Node(), slug, schema)).Error?.Code);
        Assert.Equal(0, world.Journal.Head);
    }

    [Fact]
    public async Task Metadata_that_fails_its_schema_makes_no_package()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        await Register(world, node, "run.v1", NeedsRunId);
        var refused = await World.Send(node, world.Creation(schema: "run.v1") with { Metadata = Document("""{"run_id":1}""") });
        World.Refused(ErrorCatalogue.MetadataInvalid, refused.Error);
        Assert.Contains("/run_id", refused.Error!.Detail);
        World.Done(await World.Send(node, world.Creation(schema: "run.v1") with { Metadata = Document("""{"run_id":"7"}""") }));
    }

    private static Task<Outcome<MetadataSchemaView>> Register(World world, EmbeddedGrains node, string slug, string schema) =>
        node.Call<IMetadataSchemaGrain, Outcome<MetadataSchemaView>>($"{World.Tenant}/{slug}", grain => grain.Register(
            new(new(world.Ids.Next()), World.Tenant, "alice", world.Time.GetUtcNow(), slug, Document(schema))));

    private static Task<Outcome<MetadataSchemaView>> Describe(EmbeddedGrains node) =>
        node.Call<IMetadataSchemaGrain, Outcome<MetadataSchemaView>>($"{World.Tenant}/run.v1", grain => grain.Describe());

    private static CanonicalDocument Document(string json)
    {
        Assert.True(CanonicalDocument.TryFromJson(Encoding.UTF8.GetBytes(json), CanonicalLimits.Default, out var document,
            out var error), error);
        return document;
    }
}
