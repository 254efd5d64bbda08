using System.Net;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Storage;

/// <summary>A whole store on local, on s3 and on both, by settings alone. The s3 side is a real Ceph RGW.</summary>
public class SeveralBackends
{
    private const string Prefix = "prod/artifact-store";

    [Theory]
    [InlineData("local", "local")]
    [InlineData("s3", "s3")]
    [InlineData("local,s3", "s3")]
    [InlineData("local,s3", "local")]
    public async Task C11_C12_C17_what_is_pushed_comes_back_from_whatever_backend_the_settings_name(string backends, string byDefault)
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, variables =>
        {
            bucket.Configure(variables);
            variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = backends;
            variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = byDefault;
        });
        var package = await store.Http.CreatePackage();
        var bodies = new Dictionary<string, byte[]> { ["empty"] = [], ["small"] = Bytes(1000), ["large"] = Bytes(12_000_000) };
        foreach (var (path, bytes) in bodies)
        {
            using var stored = await store.Http.PutFile(package, path, bytes);
            Assert.True(stored.StatusCode == HttpStatusCode.Created, await stored.Content.ReadAsStringAsync());
        }
        await store.Http.FinalizePackage(package);

        await store.Kill();
        await store.StartAgain();
        var files = await store.Http.Files(package);
        foreach (var (path, bytes) in bodies)
        {
            Assert.Equal(byDefault, files[path].GetProperty("backend_id").GetString());
            Assert.Equal(bytes, await store.Http.GetByteArrayAsync($"/files/{files[path].GetProperty("id").GetString()}/download"));
        }
        var health = await store.Http.Json("/health");
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal(backends.Split(','), health.GetProperty("backends").EnumerateArray().Select(backend => backend.GetProperty("id").GetString()));
        var keys = await bucket.Names();
        if (byDefault == "s3")
        {
            var digest = files["small"].GetProperty("content_address").GetString()!.Split(':')[^1];
            Assert.Contains($"{Prefix}/blake3/{digest[..2]}/{digest[2..4]}/{digest}", keys);
            Assert.Equal(4, keys.Count(key => key.Contains("/blake3/", StringComparison.Ordinal)));
            Assert.DoesNotContain(keys, key => key.Contains(".staging", StringComparison.Ordinal));
        }
        else
        {
            Assert.DoesNotContain(keys, key => key.Contains("/blake3/", StringComparison.Ordinal));
        }
        var events = await store.Http.GetStringAsync("/events?limit=1000");
        await store.Stop();
        RgwBucket.RequireNoSecretIn(store.Log + health + events, folder.Path);
    }

    [Fact]
    public async Task Over_tls_everything_works_with_a_trusted_certificate_and_nothing_with_another()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        void Configure(Dictionary<string, string?> variables)
        {
            bucket.Configure(variables);
            variables["ARTIFACTSTORE_S3_ENDPOINT_URL"] = bucket.Server.TlsEndpoint.ToString();
            variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "s3";
            variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = "s3";
            variables["ARTIFACTSTORE_S3_MULTIPART_THRESHOLD_BYTES"] = "20000000";
        }
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => StoreProcess.Start(folder.Path, Configure));
        Assert.Contains("certificate", refusal.Message);
        Assert.DoesNotContain("   at ", refusal.Message);
        await using var store = await StoreProcess.Start(folder.Path, variables =>
        {
            Configure(variables);
            variables["SSL_CERT_FILE"] = bucket.Server.CertificateFile;
        });
        var package = await store.Http.CreatePackage();
        // One of each kind: put, put from memory to staging, put that streams, parts.
        var bodies = new[] { 1000, 3_000_000, 15_000_000, 30_000_000 }.ToDictionary(size => $"f{size}", Bytes);
        foreach (var (path, bytes) in bodies)
        {
            using var stored = await store.Http.PutFile(package, path, bytes);
            Assert.True(stored.StatusCode == HttpStatusCode.Created, await stored.Content.ReadAsStringAsync());
        }
        foreach (var (path, file) in await store.Http.Files(package))
            Assert.Equal(bodies[path], await store.Http.GetByteArrayAsync($"/files/{file.GetProperty("id").GetString()}/download"));
    }

    [Fact]
    public async Task C13_the_first_route_that_fits_decides_and_the_same_bytes_are_two_locations()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, variables =>
        {
            bucket.Configure(variables);
            variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "local,s3";
            variables["ARTIFACTSTORE_STORAGE_BACKEND_ROUTES"] = "guide-board:transient=s3,*:*=local";
        });
        var bytes = Bytes(5000);
        foreach (var (producer, backend) in new[] { ("guide-board", "s3"), ("somebody", "local") })
        {
            var package = await store.Http.CreatePackage(producer: producer);
            using var stored = await store.Http.PutFile(package, "a", bytes);
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            Assert.Equal(backend, (await store.Http.Files(package))["a"].GetProperty("backend_id").GetString());
        }
        Assert.Single(await bucket.Names(), key => key.Contains("/blake3/", StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(folder["storage", "blake3"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_backend_is_added_to_a_store_that_holds_bytes_elsewhere_and_never_taken_for_another_bucket()
    {
        await using var bucket = await RgwBucket.Create();
        await using var wrong = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using (var local = await StoreProcess.Start(folder.Path, deployment: Deployment.Sqlite))
        {
            using var stored = await local.Http.PutFile(await local.Http.CreatePackage(), "a", Bytes(10));
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            await local.Stop();
        }
        void Both(Dictionary<string, string?> variables, RgwBucket at)
        {
            at.Configure(variables);
            variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "local,s3";
            variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = "s3";
        }
        await using (var both = await StoreProcess.Start(folder.Path, variables => Both(variables, bucket), Deployment.Sqlite))
        {
            using var stored = await both.Http.PutFile(await both.Http.CreatePackage(), "b", Bytes(11));
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            await both.Stop();
        }
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => StoreProcess.Start(folder.Path, variables => Both(variables, wrong), Deployment.Sqlite));
        Assert.Contains("the log says that bytes lie there", refusal.Message);
        Assert.Contains("ARTIFACTSTORE_S3_BUCKET", refusal.Message);
        Assert.DoesNotContain("   at ", refusal.Message);
        Assert.Empty(await wrong.Names());
    }

    [Fact]
    public async Task K15_a_store_without_s3_loads_none_of_its_assemblies()
    {
        await using var bucket = await RgwBucket.Create();
        foreach (var (backends, loaded) in new[] { ("local", false), ("local,s3", true) })
        {
            using var folder = new TemporaryFolder();
            await using var store = await StoreProcess.Start(folder.Path, variables =>
            {
                bucket.Configure(variables);
                variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = backends;
            });
            using var stored = await store.Http.PutFile(await store.Http.CreatePackage(), "a", Bytes(10));
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            await store.Http.Json("/health");
            var maps = await File.ReadAllTextAsync($"/proc/{store.Id}/maps");
            Assert.Contains("ArtifactStore.Storage.dll", maps);
            Assert.Equal(loaded, maps.Contains("AWSSDK", StringComparison.Ordinal));
        }
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
