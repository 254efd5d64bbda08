using ArtifactStore.Architecture.Tests;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Silo.Tests;

public class S3SettingsTests
{
    private const string Secret = "s3cr3t/value+of/a/key";

    private static readonly (string, string)[] Least =
    [
        ("STORAGE_BACKENDS", "local,s3"), ("S3_BUCKET", "artifacts"), ("S3_ACCESS_KEY_REF", "env:AK"), ("S3_SECRET_KEY_REF", "env:SK"),
    ];

    private static StoreSettings Read(params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string> { ["AK"] = "access", ["SK"] = Secret, ["EMPTY"] = "" };
        foreach (var (name, value) in Least.Concat(more)) variables["ARTIFACTSTORE_" + name] = value;
        return SettingsReader.Read(variables);
    }

    private static string Refusal(params (string Name, string Value)[] more) => Assert.Throws<SettingsException>(() => Read(more)).Message;

    [Fact]
    public void C11_C12_C13_s3_stands_beside_local_may_be_the_default_and_routes_may_lead_to_it()
    {
        var settings = Read(("STORAGE_DEFAULT_BACKEND", "s3"), ("STORAGE_BACKEND_ROUTES", "guide-board:release-evidence=s3,*:*=local"));
        Assert.Equal([BackendId.Local, new BackendId("s3")], settings.Backends);
        Assert.Equal("s3", settings.DefaultBackend.Value);
        Assert.Equal("s3", settings.Routes.Find("guide-board", "release-evidence")?.Value);
        Assert.Equal("local", settings.Routes.Find("guide-board", "transient")?.Value);
    }

    [Fact]
    public void C14_C15_C16_C17_C20_C21_C22_C23_C24_what_is_not_given_has_the_defaults_of_the_inventory()
    {
        var s3 = Read().S3!;
        Assert.Null(s3.Endpoint);
        Assert.Equal("us-east-1", s3.Region);
        Assert.Equal("artifacts", s3.Bucket);
        Assert.Equal("", s3.KeyPrefix);
        Assert.Null(s3.StorageClass);
        Assert.Null(s3.ServerSideEncryption);
        Assert.Equal(67_108_864, s3.MultipartThresholdBytes);
        Assert.Equal(8_388_608, s3.MultipartChunkBytes);
        Assert.Null(Assert.IsType<S3CredentialSource.References>(s3.Credentials).SessionToken);
    }

    [Fact]
    public void C14_C15_C17_C20_C21_C22_C23_C24_all_settings_are_read()
    {
        var s3 = Read(
            ("S3_ENDPOINT_URL", "https://rgw.example.org:8443/"), ("S3_REGION", "eu-1"), ("S3_KEY_PREFIX", "/prod/artifact-store/"),
            ("S3_STORAGE_CLASS", "STANDARD_IA"), ("S3_SSE", "aws:kms"), ("S3_MULTIPART_THRESHOLD_BYTES", "5242880"),
            ("S3_MULTIPART_CHUNK_BYTES", "5242880"), ("S3_SESSION_TOKEN_REF", "env:SK")).S3!;
        Assert.Equal("https://rgw.example.org:8443/", s3.Endpoint?.ToString());
        Assert.Equal(("eu-1", "prod/artifact-store", "STANDARD_IA", "aws:kms"), (s3.Region, s3.KeyPrefix, s3.StorageClass, s3.ServerSideEncryption));
        Assert.Equal((5_242_880, 5_242_880), (s3.MultipartThresholdBytes, s3.MultipartChunkBytes));
        Assert.Equal("env:SK", Assert.IsType<S3CredentialSource.References>(s3.Credentials).SessionToken?.ToString());
    }

    [Theory]
    [InlineData("S3_BUCKET", "")]
    [InlineData("S3_BUCKET", "a/b")]
    [InlineData("S3_ENDPOINT_URL", "rgw:7480")]
    [InlineData("S3_ENDPOINT_URL", "ftp://rgw")]
    [InlineData("S3_ENDPOINT_URL", "http://rgw/bucket")]
    [InlineData("S3_ENDPOINT_URL", "http://access:" + Secret + "@rgw")]
    [InlineData("S3_KEY_PREFIX", "a//b")]
    [InlineData("S3_KEY_PREFIX", "a/../b")]
    [InlineData("S3_REGION", "eu 1")]
    [InlineData("S3_SSE", "a\nb")]
    [InlineData("S3_MULTIPART_THRESHOLD_BYTES", "0")]
    [InlineData("S3_MULTIPART_THRESHOLD_BYTES", "64MiB")]
    [InlineData("S3_MULTIPART_CHUNK_BYTES", "5242879")]
    [InlineData("S3_MULTIPART_CHUNK_BYTES", "536870913")]
    [InlineData("S3_ACCESS_KEY_REF", "")]
    [InlineData("S3_SECRET_KEY_REF", Secret)]
    [InlineData("S3_SECRET_KEY_REF", "env:" + Secret)]
    [InlineData("S3_SECRET_KEY_REF", "file:" + Secret)]
    [InlineData("S3_SECRET_KEY_REF", "env:NOWHERE")]
    [InlineData("S3_SECRET_KEY_REF", "env:EMPTY")]
    [InlineData("S3_SECRET_KEY_REF", "file:/nowhere/secret")]
    [InlineData("S3_SESSION_TOKEN_REF", "file:/nowhere/token")]
    [InlineData("S3_ROLE_ARN", "arn:aws:iam:::role/store")]
    [InlineData("S3_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")]
    [InlineData("S3_STS_ENDPOINT_URL", "http://sts")]
    public void C14_C16_C17_C18_C19_C23_a_malformed_value_stops_the_start_with_a_sentence_that_names_it_and_holds_no_secret(string name, string value)
    {
        var refusal = Refusal((name, value));
        Assert.Contains("ARTIFACTSTORE_" + name, refusal);
        Assert.EndsWith(".", refusal);
        Assert.DoesNotContain(Secret, refusal);
    }

    [Fact]
    public void C18_C19_settings_that_are_printed_show_references_and_no_secret()
    {
        var printed = Read().ToString();
        Assert.Contains("env:SK", printed);
        Assert.DoesNotContain(Secret, printed);
    }

    [Fact]
    public void Web_identity_is_a_source_of_its_own()
    {
        using var file = new TemporaryFile("token");
        (string, string)[] identity = [("S3_WEB_IDENTITY_TOKEN_FILE", file.Path), ("S3_ROLE_ARN", "arn:aws:iam:::role/store")];
        Assert.Contains("two sources", Refusal(identity));
        var alone = Read([.. identity, ("S3_ACCESS_KEY_REF", ""), ("S3_SECRET_KEY_REF", ""), ("S3_STS_ENDPOINT_URL", "http://sts:8080")]);
        Assert.Equal(
            new S3CredentialSource.WebIdentity(file.Path, "arn:aws:iam:::role/store", new Uri("http://sts:8080")),
            alone.S3!.Credentials);
    }

    [Fact]
    public void Without_the_backend_its_settings_are_not_looked_at() => Assert.Null(Read(("STORAGE_BACKENDS", "local"), ("S3_BUCKET", "")).S3);

    /// <summary>The example of the operator's guide, with files that exist in place of those it names.</summary>
    [Fact]
    public void The_example_of_the_operators_guide_is_a_configuration_that_starts()
    {
        var guide = File.ReadAllText(Checkout.Path("docs", "OPERATOR.md"));
        var begin = guide.IndexOf("# s3-example\n", StringComparison.Ordinal);
        var example = guide[begin..guide.IndexOf("```", begin, StringComparison.Ordinal)];
        using var key = new TemporaryFile("key");
        var variables = new Dictionary<string, string>();
        EnvironmentVariables.Parse(
            example.Replace("/etc/artifactstore/s3-access-key", key.Path, StringComparison.Ordinal)
                .Replace("/etc/artifactstore/s3-secret-key", key.Path, StringComparison.Ordinal),
            "OPERATOR.md",
            variables);
        Assert.Equal(9, variables.Count);
        var settings = SettingsReader.Read(variables);
        Assert.Equal("s3", settings.DefaultBackend.Value);
        Assert.Equal("local", settings.Routes.Find("anybody", "transient")?.Value);
        Assert.Equal(("artifacts", "prod/artifact-store"), (settings.S3!.Bucket, settings.S3.KeyPrefix));
    }

    [Fact]
    public void The_operators_guide_and_the_template_name_every_setting()
    {
        var guide = File.ReadAllText(Checkout.Path("docs", "OPERATOR.md"));
        var template = File.ReadAllText(Checkout.Path(".env.example"));
        foreach (var name in S3SettingsReader.Names)
        {
            Assert.Contains($"`{name["S3_".Length..]}`", guide);
            Assert.Contains($"#ARTIFACTSTORE_{name}=", template);
        }
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
