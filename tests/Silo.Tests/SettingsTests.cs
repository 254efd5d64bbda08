using ArtifactStore.Architecture.Tests;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Tests;

public class SettingsTests
{
    private static StoreSettings Read(params (string Name, string Value)[] variables) =>
        SettingsReader.Read(variables.ToDictionary(v => "ARTIFACTSTORE_" + v.Name, v => v.Value));

    private static string Refusal(params (string Name, string Value)[] variables) => Assert.Throws<SettingsException>(() => Read(variables)).Message;

    [Fact]
    public void C28_defaults_work_out_of_the_box()
    {
        var settings = Read();
        Assert.Equal(new DatabaseSettings.Sqlite("./var/artifactstore.db"), settings.Database);
        Assert.Equal("./var/storage", settings.LocalRoot);
        Assert.Equal(LogLevel.Information, settings.LogLevel);
        Assert.Empty(settings.Tokens);
        Assert.False(settings.AnonymousRead);
        Assert.Equal("http://127.0.0.1:8000", Assert.Single(settings.Listen).ToString());
        Assert.Equal("http://127.0.0.1:8000/", settings.ApiUrl.ToString());
        Assert.Equal(TimeSpan.FromHours(1), settings.RetentionSweepInterval);
        Assert.Equal([BackendId.Local], settings.Backends);
    }

    [Fact]
    public void A_node_has_the_name_that_it_is_given()
    {
        Assert.Null(Read().NodeName);
        Assert.Equal("vault-1:8000", Read(("NODE_NAME", " vault-1:8000 ")).NodeName);
        foreach (var bad in new[] { "two words", "-x", new string('x', 101), "n\u00f6de" }) Assert.Contains("ARTIFACTSTORE_NODE_NAME", Refusal(("NODE_NAME", bad)));
    }

    [Theory]
    [InlineData("sqlite+aiosqlite:///./var/a.db", "./var/a.db")]
    [InlineData("sqlite:///a.db", "a.db")]
    [InlineData("sqlite:////srv/a.db", "/srv/a.db")]
    public void C01_old_and_plain_spellings_of_sqlite_mean_the_same(string url, string path) =>
        Assert.Equal(new DatabaseSettings.Sqlite(path), Read(("DATABASE_URL", url)).Database);

    [Theory]
    [InlineData("postgresql+asyncpg://u:p@db:5432/store")]
    [InlineData("postgresql://u:p@db:5432/store")]
    [InlineData("postgres://u:p@db:5432/store")]
    public void C01_old_and_plain_spellings_of_postgresql_mean_the_same(string url) =>
        Assert.Equal(new DatabaseSettings.Postgres(new Uri("postgresql://u:p@db:5432/store")), Read(("DATABASE_URL", url)).Database);

    [Theory]
    [InlineData("mysql://x/y")]
    [InlineData("sqlite://relative.db")]
    [InlineData("sqlite:///")]
    [InlineData("var/artifactstore.db")]
    [InlineData("postgresql://")]
    public void C01_any_other_database_is_refused_by_name(string url) => Assert.Contains("ARTIFACTSTORE_DATABASE_URL", Refusal(("DATABASE_URL", url)));

    [Fact]
    public void C03_the_log_level_is_one_of_four()
    {
        Assert.Equal(LogLevel.Debug, Read(("LOG_LEVEL", "DEBUG")).LogLevel);
        Assert.Equal("ARTIFACTSTORE_LOG_LEVEL is 'FOO'; it is one of DEBUG, INFO, WARNING, ERROR.", Refusal(("LOG_LEVEL", "FOO")));
    }

    [Fact]
    public void C04_tokens_are_separated_by_commas_or_lines_and_may_have_names()
    {
        var tokens = Read(("AUTH_TOKENS", "a,b\nci=secret\r\nbase64==")).Tokens;
        Assert.Equal([(null, "a"), (null, "b"), ("ci", "secret"), (null, "base64==")], tokens.Select(t => (t.Name, t.Secret)));
    }

    [Fact]
    public void C04_a_token_never_prints_itself() => Assert.DoesNotContain("secret", Read(("AUTH_TOKENS", "ci=secret")).Tokens[0].ToString());

    [Fact]
    public void C04_the_same_token_twice_is_refused_without_showing_it() => Assert.DoesNotContain("s3cr3t", Refusal(("AUTH_TOKENS", "a=s3cr3t,b=s3cr3t")));

    [Theory]
    [InlineData("ANON_READ", "yes")]
    [InlineData("RETENTION_SWEEP_INTERVAL_SECONDS", "0")]
    [InlineData("RETENTION_SWEEP_INTERVAL_SECONDS", "1h")]
    [InlineData("RETENTION_PLAN_VALID_SECONDS", "0")]
    [InlineData("RETENTION_PLAN_VALID_SECONDS", "31536001")]
    [InlineData("API_URL", "localhost")]
    [InlineData("LISTEN", "8000")]
    [InlineData("LISTEN", "127.0.0.1:99999")]
    [InlineData("LISTEN", "https://127.0.0.1:8443")]
    [InlineData("STORAGE_BACKENDS", "local,tape")]
    [InlineData("STORAGE_BACKENDS", "local,local")]
    [InlineData("STORAGE_DEFAULT_BACKEND", "s3")]
    [InlineData("STORAGE_BACKEND_ROUTES", "nonsense")]
    [InlineData("STORAGE_BACKEND_ROUTES", "*:*=tape")]
    [InlineData("STORAGE_BACKEND_ROUTES", "*:eternal=local")]
    [InlineData("TLS_KEY_FILE", "/nowhere/key.pem")]
    [InlineData("RETENTION_CONFIG_PATH", "/etc/retention.toml")]
    public void A_malformed_value_stops_the_start_with_a_sentence_that_names_it(string name, string value)
    {
        var refusal = Refusal((name, value));
        Assert.Contains("ARTIFACTSTORE_", refusal);
        Assert.Contains(name.Split('_')[0], refusal);
        Assert.EndsWith(".", refusal);
    }

    [Fact]
    public void A_typing_error_in_a_name_is_refused_with_the_right_name() =>
        Assert.Equal(
            "ARTIFACTSTORE_AUTH_TOKEN is not a setting of this version. Did you mean ARTIFACTSTORE_AUTH_TOKENS?",
            Refusal(("AUTH_TOKEN", "a")));

    [Theory]
    [InlineData("SERVICE_HOST")]
    [InlineData("PORT_8000_TCP_ADDR")]
    [InlineData("MINIO_BUCKET")]
    [InlineData("TEST_SCALE")]
    public void Names_that_others_set_are_none_of_our_business(string name) => Assert.NotNull(Read((name, "x")));

    [Fact]
    public void A_certificate_that_no_address_would_use_is_refused()
    {
        var file = typeof(SettingsTests).Assembly.Location;
        var refusal = Refusal(("TLS_CERTIFICATE_FILE", file), ("TLS_KEY_FILE", file), ("LISTEN", "127.0.0.1:8443"));
        Assert.Contains("begins with https://", refusal);
        Assert.True(Assert.Single(Read(("TLS_CERTIFICATE_FILE", file), ("TLS_KEY_FILE", file)).Listen).Https);
        Assert.Equal(2, Read(("TLS_CERTIFICATE_FILE", file), ("TLS_KEY_FILE", file), ("LISTEN", "https://*:8443,127.0.0.1:8000")).Listen.Count);
    }

    [Fact]
    public void C08_the_path_of_the_guide_board_schema_is_accepted_from_existing_templates() =>
        Assert.NotNull(Read(("GUIDE_BOARD_SCHEMA", "schemas/guide-board.run.v1.json")));

    [Fact]
    public void C10_the_sweep_interval_is_read_and_checked()
    {
        Assert.Equal(TimeSpan.FromMinutes(1), Read(("RETENTION_SWEEP_INTERVAL_SECONDS", "60")).RetentionSweepInterval);
        Assert.Contains("ARTIFACTSTORE_RETENTION_SWEEP_INTERVAL_SECONDS", Refusal(("RETENTION_SWEEP_INTERVAL_SECONDS", "-1")));
    }

    [Fact]
    public void A_plan_may_be_run_for_a_day_unless_said_otherwise()
    {
        Assert.Equal(TimeSpan.FromDays(1), Read().PlanValidity);
        Assert.Equal(TimeSpan.FromMinutes(1), Read(("RETENTION_PLAN_VALID_SECONDS", "60")).PlanValidity);
    }

    [Fact]
    public void The_collector_runs_every_hour_unless_said_otherwise()
    {
        Assert.Equal(TimeSpan.FromHours(1), Read().CollectionInterval);
        Assert.Equal(TimeSpan.FromMinutes(1), Read(("RETENTION_GC_INTERVAL_SECONDS", "60")).CollectionInterval);
        Assert.Equal(TimeSpan.Zero, Read(("RETENTION_GC_INTERVAL_SECONDS", "0")).CollectionInterval);
        Assert.Contains("ARTIFACTSTORE_RETENTION_GC_INTERVAL_SECONDS", Refusal(("RETENTION_GC_INTERVAL_SECONDS", "often")));
    }

    [Fact]
    public void Scans_and_recounts_run_every_day_unless_said_otherwise()
    {
        Assert.Equal((TimeSpan.FromDays(1), TimeSpan.FromDays(1)), (Read().OrphanScanInterval, Read().RecountInterval));
        Assert.Equal(TimeSpan.Zero, Read(("ORPHAN_SCAN_INTERVAL_SECONDS", "0")).OrphanScanInterval);
        Assert.Equal(TimeSpan.FromMinutes(1), Read(("RECOUNT_INTERVAL_SECONDS", "60")).RecountInterval);
        Assert.Contains("ARTIFACTSTORE_ORPHAN_SCAN_INTERVAL_SECONDS", Refusal(("ORPHAN_SCAN_INTERVAL_SECONDS", "1d")));
        Assert.Contains("ARTIFACTSTORE_RECOUNT_INTERVAL_SECONDS", Refusal(("RECOUNT_INTERVAL_SECONDS", "-1")));
    }

    [Fact]
    public void The_period_of_the_scrub_is_thirty_days_unless_said_otherwise()
    {
        Assert.Equal(TimeSpan.FromDays(30), Read().ScrubPeriod);
        Assert.Equal(TimeSpan.FromDays(7), Read(("SCRUB_DAYS", "7")).ScrubPeriod);
        Assert.Equal(TimeSpan.Zero, Read(("SCRUB_DAYS", "0")).ScrubPeriod);
        Assert.Contains("ARTIFACTSTORE_SCRUB_DAYS", Refusal(("SCRUB_DAYS", "-1")));
        Assert.Contains("ARTIFACTSTORE_SCRUB_DAYS", Refusal(("SCRUB_DAYS", "4000")));
    }

    [Fact]
    public void C11_C12_backends_and_the_default_one_are_those_of_this_version()
    {
        var settings = Read(("STORAGE_BACKENDS", " local "), ("STORAGE_DEFAULT_BACKEND", "local"));
        Assert.Equal([BackendId.Local], settings.Backends);
        Assert.Equal(BackendId.Local, settings.DefaultBackend);
        Assert.Null(settings.S3);
        Assert.Contains("'tape'", Refusal(("STORAGE_BACKENDS", "local,tape")));
        Assert.Contains("'s3'", Refusal(("STORAGE_DEFAULT_BACKEND", "s3")));
    }

    /// <summary>Each line of the template, uncommented, is a setting that a start accepts: its values are the defaults.</summary>
    [Fact]
    public void C28_the_template_names_only_settings_that_exist_and_their_defaults()
    {
        var variables = new Dictionary<string, string>();
        var lines = File.ReadAllLines(Checkout.Path(".env.example")).Where(line => line.StartsWith("#ARTIFACTSTORE_", StringComparison.Ordinal));
        EnvironmentVariables.Parse(string.Join('\n', lines.Select(line => line[1..])), ".env.example", variables);
        Assert.NotEmpty(variables);
        var template = SettingsReader.Read(variables);
        var defaults = Read();
        Assert.Equal(
            (defaults.Database, defaults.LocalRoot, defaults.LogLevel, defaults.ApiUrl, defaults.RetentionSweepInterval),
            (template.Database, template.LocalRoot, template.LogLevel, template.ApiUrl, template.RetentionSweepInterval));
        Assert.Equal(defaults.Listen, template.Listen);
    }

    [Fact]
    public void C13_the_first_route_that_fits_is_listed_first()
    {
        var routes = Read(("STORAGE_BACKEND_ROUTES", "guide-board:release-evidence=local,*:*=local")).Routes;
        Assert.Equal(BackendId.Local, routes.Find("guide-board", "release-evidence"));
        Assert.Equal(["release-evidence"], routes.RetentionClasses);
    }

    [Fact]
    public void The_env_file_understands_comments_quotes_and_export()
    {
        var variables = new Dictionary<string, string>();
        EnvironmentVariables.Parse("# c\n\nexport A=1\nB = two # why\nC=\"x\\ny\"\nD='a b'\nE=\n", ".env", variables);
        Assert.Equal(new() { ["A"] = "1", ["B"] = "two", ["C"] = "x\ny", ["D"] = "a b", ["E"] = "" }, variables);
    }

    [Theory]
    [InlineData("A=1\nnonsense\n", ".env, line 2")]
    [InlineData("A=\"open\n", ".env, line 1")]
    public void A_bad_line_of_the_env_file_is_named_by_its_number(string text, string where) =>
        Assert.StartsWith(where, Assert.Throws<SettingsException>(() => EnvironmentVariables.Parse(text, ".env", new Dictionary<string, string>())).Message);
}
