using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>Wrong, expired and rotating credentials; and that no sentence ever holds one.</summary>
public sealed class S3CredentialTests : IAsyncLifetime
{
    private const string Key = "blake3/ab/cd/abcd";

    private readonly string _folder = Directory.CreateTempSubdirectory("artifactstore-keys-").FullName;
    private RgwServer _server = null!;
    private S3Bucket _bucket = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RgwServer.Shared();
        _bucket = await S3Bucket.Create(_server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_bucket is not null) await _bucket.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("unknown", RgwServer.SecretKey, null, "ARTIFACTSTORE_S3_ACCESS_KEY_REF")]
    [InlineData(RgwServer.AccessKey, "wrong-secret-0123456789", null, "ARTIFACTSTORE_S3_SECRET_KEY_REF")]
    [InlineData(RgwServer.AccessKey, RgwServer.SecretKey, "bm8tdG9rZW4tb2Ytb3Vycw==", "ARTIFACTSTORE_S3_")]
    public async Task C18_C19_wrong_keys_are_told_in_a_sentence_that_names_the_setting_and_no_secret(string access, string secret, string? token, string setting) =>
        await EveryOperationFails(_bucket.Options() with { Credentials = S3Bucket.Keys(access, secret, token) }, setting, secret, token ?? secret);

    [Fact]
    public async Task C16_a_wrong_bucket_is_told_and_never_taken_for_a_missing_object() =>
        await EveryOperationFails(_bucket.Options() with { Bucket = "no-such-bucket" }, "ARTIFACTSTORE_S3_BUCKET", RgwServer.SecretKey);

    [Fact]
    public async Task C14_an_endpoint_that_is_not_there_is_told() => await EveryOperationFails(
        _bucket.Options() with { Endpoint = new Uri("http://127.0.0.1:1") }, "ARTIFACTSTORE_S3_ENDPOINT_URL", RgwServer.SecretKey);

    [Theory]
    [InlineData(403, "RequestTimeTooSkewed", "clock")]
    [InlineData(400, "ExpiredToken", "ARTIFACTSTORE_S3_SESSION_TOKEN_REF")]
    [InlineData(403, "AccessDenied", "ARTIFACTSTORE_S3_ACCESS_KEY_REF")]
    [InlineData(503, "SlowDown", "slow down")]
    [InlineData(500, "InternalError", "ARTIFACTSTORE_S3_ENDPOINT_URL")]
    [InlineData(301, "PermanentRedirect", "ARTIFACTSTORE_S3_REGION")]
    [InlineData(418, "<script>", "418")]
    public async Task What_an_endpoint_refuses_with_is_told(int status, string code, string words)
    {
        await using var proxy = new FaultProxy(_bucket.Endpoint);
        proxy.Rule = request => request.Method == "HEAD" ? new Fault.None() : new Fault.Answer(status, code);
        await EveryOperationFails(_bucket.Options() with { Endpoint = proxy.Endpoint }, words, RgwServer.SecretKey, "<script>");
    }

    [Fact]
    public async Task C24_keys_in_files_rotate_while_the_store_runs()
    {
        var user = $"rotating-{S3Bucket.NextId():N}";
        await _server.Admin("user", "create", $"--uid={user}", "--display-name=rotating", $"--access-key=first-{user}", "--secret=first-secret");
        await using var bucket = await S3Bucket.Create(_server);
        await bucket.Client.PutBucketPolicyAsync(
            bucket.Name,
            $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/{{user}}"]},"Action":"s3:*","Resource":["arn:aws:s3:::{{bucket.Name}}","arn:aws:s3:::{{bucket.Name}}/*"]}]}""");
        Write($"first-{user}", "first-secret");
        var store = bucket.Store(bucket.Options() with { Credentials = InFiles() });
        var body = Sources.Bytes(6_000_000);
        await Put(store, body);
        await using var reading = (await store.Open(Key))!;
        await reading.ReadExactlyAsync(new byte[10]);

        await _server.Admin("key", "create", $"--uid={user}", $"--access-key=second-{user}", "--secret=second-secret");
        await _server.Admin("key", "rm", $"--uid={user}", $"--access-key=first-{user}");
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => store.Size(Key));
        Assert.Contains("ARTIFACTSTORE_S3_ACCESS_KEY_REF", failure.Message);
        Write($"second-{user}", "second-secret");

        Assert.Equal(6_000_000, await store.Size(Key));
        await reading.CopyToAsync(Stream.Null);
        await Put(store, body, Key + "-second");
    }

    [Fact]
    public async Task Keys_that_expire_in_the_middle_of_a_call_are_read_again_at_once()
    {
        Write(RgwServer.AccessKey, RgwServer.SecretKey);
        await using var proxy = new FaultProxy(_bucket.Endpoint);
        var expired = proxy.Once(request => request.IsPut, new Fault.Answer(403, "ExpiredToken"));
        await Put(_bucket.Store(_bucket.Options() with { Endpoint = proxy.Endpoint }), Sources.Bytes(3_000_000));
        Assert.True(expired());
    }

    [Fact]
    public async Task C24_keys_that_are_rotated_a_little_late_are_waited_for_and_not_for_ever()
    {
        var user = $"late-{S3Bucket.NextId():N}";
        await _server.Admin("key", "create", "--uid=main", $"--access-key={user}", "--secret=late-secret");
        Write(RgwServer.AccessKey, RgwServer.SecretKey);
        await using var proxy = new FaultProxy(_bucket.Endpoint);
        var refusals = 0;
        proxy.Rule = request =>
        {
            if (!request.Headers["authorization"].Contains($"Credential={RgwServer.AccessKey}/", StringComparison.Ordinal)) return new Fault.None();
            // The key before its secret: for the time of one request they do not belong together.
            var seen = Interlocked.Increment(ref refusals);
            if (seen == 3) File.WriteAllText($"{_folder}/access", user);
            return new Fault.Answer(403, "ExpiredToken");
        };
        var options = _bucket.Options() with { Endpoint = proxy.Endpoint, Credentials = InFiles() };
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => _bucket.Store(options with { RetryTime = TimeSpan.Zero }).Open(Key));
        Assert.Contains("ARTIFACTSTORE_S3_SESSION_TOKEN_REF", failure.Message);
        Assert.Equal(2, refusals);

        var reading = _bucket.Store(options).Open(Key);
        await Eventually.True(() => proxy.Requests.Any(seen => seen.Headers["authorization"].Contains(user, StringComparison.Ordinal)));
        File.WriteAllText($"{_folder}/secret", "late-secret");
        Assert.Null(await reading);
        Assert.Equal(3, refusals);
    }

    [Fact]
    public async Task A_secret_file_that_is_away_for_a_moment_while_it_is_replaced_does_no_harm()
    {
        Write(RgwServer.AccessKey, RgwServer.SecretKey);
        var store = _bucket.Store(_bucket.Options() with { Credentials = InFiles() });
        await Put(store, [1]);
        File.Delete($"{_folder}/secret");
        var size = store.Size(Key);
        Write(RgwServer.AccessKey, RgwServer.SecretKey);
        Assert.Equal(1, await size);
        File.Delete($"{_folder}/secret");
        var health = await store.Health();
        Assert.Equal($"ARTIFACTSTORE_S3_SECRET_KEY_REF names the file {_folder}/secret, which does not exist.", health.Reason);
    }

    [Fact]
    public async Task C24_short_lived_keys_with_a_session_token_of_the_endpoints_own_token_service_work()
    {
        var keys = await RgwRoles.ShortLivedKeys(_server);
        var store = _bucket.Store(_bucket.Options() with { Credentials = S3Bucket.Keys(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken) });
        await Put(store, Sources.Bytes(20_000_000));
        Assert.Equal(20_000_000, await store.Size(Key));
        Assert.True(await store.Delete(Key));

        var cut = _bucket.Options() with { Credentials = S3Bucket.Keys(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken[..^8]) };
        await EveryOperationFails(cut, "ARTIFACTSTORE_S3_", keys.SecretAccessKey, keys.SessionToken[..^8]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(1024 * 1024)]
    public async Task A_refused_body_never_spoils_the_connection_for_the_next_call(int bytes)
    {
        using var client = new AmazonS3Client("unknown", "secret", S3Endpoint.Configuration(_bucket.Options()));
        for (var i = 0; i < 100; i++)
        {
            var request = new PutObjectRequest { BucketName = _bucket.Name, Key = Key, InputStream = new MemoryStream(new byte[bytes]) };
            var failure = await Assert.ThrowsAsync<AmazonS3Exception>(() => client.PutObjectAsync(request));
            Assert.Equal(HttpStatusCode.Forbidden, failure.StatusCode);
        }
    }

    /// <summary>Every door to the backend fails with a sentence; none takes the refusal for an answer.</summary>
    private async Task EveryOperationFails(S3Options options, string words, params string[] secrets)
    {
        var store = _bucket.Store(options with { RetryTime = TimeSpan.FromMilliseconds(300) });
        (string, Func<Task>)[] operations =
        [
            ("put", () => Put(store, [1])),
            ("stage", () => Put(store, Sources.Bytes(3_000_000))),
            ("parts", () => Put(_bucket.Store(options with { RetryTime = TimeSpan.FromMilliseconds(300), MultipartThresholdBytes = 1 }), Sources.Bytes(9_000_000))),
            ("open", () => store.Open(Key)),
            ("range", () => store.Open(Key, 1, 2)),
            ("size", () => store.Size(Key)),
            ("delete", () => store.Delete(Key)),
            ("list", async () => { await foreach (var _ in store.List(null)) { } }),
            ("claim", () => store.Claim(new BackendIdentity(S3Bucket.NextId(), 1))),
            ("sweep", () => store.SweepStages(_ => Task.FromResult<IReadOnlySet<NodeId>>(new HashSet<NodeId>()))),
        ];
        foreach (var (name, operation) in operations)
        {
            var failure = await Record.ExceptionAsync(operation);
            Assert.True(failure is BlobStoreException { Failure: BlobFailure.Unavailable }, $"{name}: {failure}");
            RequireSentence($"{name}: {failure.Message}", words, secrets);
            Assert.Null(failure.InnerException);
        }
        var health = await store.Health();
        Assert.False(health.Healthy);
        RequireSentence(health.Reason!, words, secrets);
    }

    private static void RequireSentence(string message, string words, string[] secrets)
    {
        Assert.True(message.Contains(words, StringComparison.Ordinal), message);
        Assert.Contains("ARTIFACTSTORE_S3_", message);
        Assert.EndsWith(".", message);
        Assert.DoesNotContain('\n', message);
        foreach (var secret in secrets) Assert.DoesNotContain(secret, message);
    }

    private static async Task Put(S3BlobStore store, byte[] bytes, string key = Key)
    {
        await using var staged = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(bytes), bytes.Length);
        await store.Promote(staged, key);
    }

    private S3CredentialSource.References InFiles() => new S3CredentialSource.References(
        S3Bucket.Reference("ACCESS_KEY_REF", $"file:{_folder}/access"), S3Bucket.Reference("SECRET_KEY_REF", $"file:{_folder}/secret"), null,
        new SecretVariables(new Dictionary<string, string>()));

    private void Write(string access, string secret)
    {
        File.WriteAllText($"{_folder}/access", access + "\n");
        File.WriteAllText($"{_folder}/secret", secret + "\n");
    }
}
