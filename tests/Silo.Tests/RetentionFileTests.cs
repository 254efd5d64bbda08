using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Library;

namespace ArtifactStore.Silo.Tests;

public sealed class RetentionFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("artifactstore-lifetimes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void C29_the_file_of_the_inventory_is_read()
    {
        var lifetimes = Read(
            """
            [retention_classes.transient]
            default_duration_seconds = 86400
            [retention_classes."raw-evidence"]   # 90 days
            default_duration_seconds = 7_776_000

            [retention_classes."summary-evidence"]
            default_duration_seconds = 31536000
            [retention_classes."release-evidence"]
            default_duration_seconds = 220752000
            [retention_classes."permanent-record"]
            """);
        Assert.Equal(
            new Dictionary<string, long?>
            {
                ["transient"] = 86_400,
                ["raw-evidence"] = 7_776_000,
                ["summary-evidence"] = 31_536_000,
                ["release-evidence"] = 220_752_000,
                ["permanent-record"] = null,
            },
            lifetimes);
    }

    [Theory]
    [InlineData("[retention_classes.eternal]", 1, "no retention class 'eternal'")]
    [InlineData("\n[retention_classes.transient]\ndefault_duration_seconds = -1", 3, "a number of seconds")]
    [InlineData("[retention_classes.transient]\ndefault_duration_seconds = \"1d\"", 2, "a number of seconds")]
    [InlineData("[retention_classes.transient]\ndefault_duration_seconds = 99999999999999999999", 2, "a number of seconds")]
    [InlineData("[retention_classes.transient]\n[retention_classes.transient]", 2, "a table already")]
    [InlineData("[retention_classes.transient]\ndefault_duration_seconds = 1\ndefault_duration_seconds = 2", 3, "a duration already")]
    [InlineData("default_duration_seconds = 1", 1, "under no class")]
    [InlineData("[retention_classes.permanent-record]\ndefault_duration_seconds = 1", 2, "never expires")]
    [InlineData("[retention_classes.transient]\nduration = 1", 2, "neither")]
    [InlineData("[retention.transient]", 1, "neither")]
    public void C29_what_is_not_understood_is_refused_with_its_line(string text, int line, string says)
    {
        var refusal = Assert.Throws<SettingsException>(() => Read(text)).Message;
        Assert.Contains($"line {line} of ", refusal);
        Assert.Contains(says, refusal);
        Assert.StartsWith("ARTIFACTSTORE_RETENTION_CONFIG_PATH", refusal);
        Assert.EndsWith(".", refusal);
    }

    [Fact]
    public async Task C09_R02_a_lifetime_of_the_file_holds_for_new_packages_and_stands_in_the_log()
    {
        for (var start = 0; start < 2; start++)
        {
            await using var store = await EmbeddedStore.Open(new Dictionary<string, string>
            {
                ["ARTIFACTSTORE_DATABASE_URL"] = $"sqlite:///{_folder}/store.db",
                ["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = $"{_folder}/storage",
                ["ARTIFACTSTORE_RETENTION_CONFIG_PATH"] = Write("[retention_classes.transient]\ndefault_duration_seconds = 1\n"),
            });
            var package = await store.CreatePackage(
                "tester", new NewPackage("p", "ci", "app", "transient", CanonicalDocument.EmptyMap, null));
            Assert.Equal(TimeSpan.FromSeconds(1), package.Value!.ExpiresAt - package.Value.CreatedAt);
            // The second start finds it so.
            var defined = await store.Views.Events(0, 100, ["v1.retention.class_defined"]);
            Assert.Single(defined, line => line.Actor == "configuration");
        }
    }

    private IReadOnlyDictionary<string, long?> Read(string text) => RetentionFile.Read(Write(text));

    private string Write(string text)
    {
        File.WriteAllText($"{_folder}/retention.toml", text);
        return $"{_folder}/retention.toml";
    }
}
