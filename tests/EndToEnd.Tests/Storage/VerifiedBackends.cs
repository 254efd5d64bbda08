using System.Net;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Storage;

/// <summary><c>artifactstore storage verify</c> through a running server, on a directory and on a real Ceph RGW.</summary>
public class VerifiedBackends
{
    private const int Verification = 5;

    [Theory]
    [InlineData("local")]
    [InlineData("s3")]
    public async Task K09_the_one_flipped_byte_is_found_and_the_same_bytes_pushed_again_heal_it(string backend)
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await Start(folder, bucket);
        var package = await Push(store, backend, Enumerable.Range(1, 30));
        var address = (await store.Http.Files(package))["f7"].GetProperty("content_address").GetString()!;
        Assert.Equal(0, (await store.Run("storage", "verify", "--backend", backend)).ExitCode);
        if (backend == "s3") await bucket.FlipOneByte(await KeyIn(bucket, address));
        else FlipOneByte(FileIn(folder, address));

        var verified = await store.Run("storage", "verify", "--backend", backend, "--json");
        Assert.True(verified.ExitCode == Verification, verified.ToString());
        var answer = JsonSerializer.Deserialize<JsonElement>(verified.Output);
        Assert.Equal(address, Assert.Single(answer.GetProperty("faults").EnumerateArray()).GetProperty("content_address").GetString());
        Assert.Equal((29, 0), (answer.GetProperty("verified").GetInt32(), answer.GetProperty("repaired").GetInt32()));
        Assert.Equal(("degraded", 1), await Health(store, backend));

        await Push(store, backend, [7]);
        Assert.Equal(("ok", 0), await Health(store, backend));
        Assert.Equal(0, (await store.Run("storage", "verify", "--backend", backend)).ExitCode);
        Assert.Single(await Repairs(store));
    }

    [Theory]
    [InlineData("local", "s3")]
    [InlineData("s3", "local")]
    public async Task K09_what_is_lost_or_wrong_comes_back_from_the_copy_in_another_backend(string backend, string other)
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await Start(folder, bucket);
        var package = await Push(store, backend, [1, 2, 3]);
        await Push(store, other, [1, 2]);
        var files = await store.Http.Files(package);
        var addresses = new[] { "f1", "f2", "f3" }.Select(path => files[path].GetProperty("content_address").GetString()!).ToArray();
        if (backend == "s3")
        {
            await bucket.Delete(await KeyIn(bucket, addresses[0]));
            await bucket.FlipOneByte(await KeyIn(bucket, addresses[1]));
        }
        else
        {
            File.Delete(FileIn(folder, addresses[0]));
            FlipOneByte(FileIn(folder, addresses[1]));
        }

        var verified = await store.Run("storage", "verify", "--backend", backend, "--json");
        Assert.True(verified.ExitCode == Verification, verified.ToString());
        var answer = JsonSerializer.Deserialize<JsonElement>(verified.Output);
        Assert.Equal((1, 2), (answer.GetProperty("verified").GetInt32(), answer.GetProperty("repaired").GetInt32()));
        Assert.All(answer.GetProperty("faults").EnumerateArray(), fault => Assert.True(fault.GetProperty("repaired").GetBoolean()));
        Assert.Equal(addresses[..2].Order(), answer.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("content_address").GetString()).Order());
        Assert.Equal(("ok", 0), await Health(store, backend));

        var again = await store.Run("storage", "verify", "--backend", backend, "--json");
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Equal(3, JsonSerializer.Deserialize<JsonElement>(again.Output).GetProperty("verified").GetInt32());
        var repaired = await Repairs(store);
        Assert.Equal(2, repaired.Count);
        Assert.All(repaired, line => Assert.Equal((2, 1), (
            line.GetProperty("payload").GetProperty("generation").GetInt32(), line.GetProperty("payload").GetProperty("failed_generation").GetInt32())));
        await store.Stop();
        RgwBucket.RequireNoSecretIn(store.Log + verified + again, folder.Path);
    }

    [Fact]
    public async Task Pages_go_on_where_the_one_before_ended_and_what_is_no_page_is_refused()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await Start(folder, bucket);
        await Push(store, "local", Enumerable.Range(1, 300));
        var first = await Page(store, "/storage/local/verifications?jobs=2");
        var next = first.GetProperty("next").GetInt64();
        var second = await Page(store, $"/storage/local/verifications?after={next}");
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(300, first.GetProperty("verified").GetInt32() + second.GetProperty("verified").GetInt32());
        var continued = await store.Run("storage", "verify", "--backend", "local", "--after", $"{next}");
        Assert.Contains($"verified {second.GetProperty("verified").GetInt32()} of", continued.Output);

        foreach (var (path, code, status) in new[]
        {
            ("/storage/attic/verifications", "backend_unknown", HttpStatusCode.NotFound),
            ("/storage/local/verifications?after=-1", "request_malformed", HttpStatusCode.BadRequest),
            ("/storage/local/verifications?jobs=0", "request_malformed", HttpStatusCode.BadRequest),
        })
        {
            using var refused = await store.Http.PostAsync(path, null);
            Assert.Equal((status, code), (refused.StatusCode, await refused.ErrorCode()));
        }
    }

    private static Task<StoreProcess> Start(TemporaryFolder folder, RgwBucket bucket) => StoreProcess.Start(folder.Path, variables =>
    {
        bucket.Configure(variables);
        variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "local,s3";
        variables["ARTIFACTSTORE_STORAGE_BACKEND_ROUTES"] = "to-s3:*=s3,to-local:*=local";
    });

    private static async Task<string> Push(StoreProcess store, string backend, IEnumerable<int> seeds)
    {
        var package = await store.Http.CreatePackage(producer: $"to-{backend}");
        foreach (var seed in seeds)
        {
            var bytes = new byte[2000];
            new Random(seed).NextBytes(bytes);
            using var stored = await store.Http.PutFile(package, $"f{seed}", bytes);
            Assert.True(stored.StatusCode == HttpStatusCode.Created, await stored.Content.ReadAsStringAsync());
        }
        return package;
    }

    private static async Task<(string, int)> Health(StoreProcess store, string backend)
    {
        var health = await store.Http.Json("/health");
        var report = health.GetProperty("backends").EnumerateArray().Single(found => found.GetProperty("id").GetString() == backend);
        return (health.GetProperty("status").GetString()!, report.GetProperty("failed_locations").GetInt32());
    }

    private static async Task<List<JsonElement>> Repairs(StoreProcess store)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?types=v1.storage.location_repaired");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await store.Http.SendAsync(request);
        return [.. JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("items").EnumerateArray()];
    }

    private static async Task<JsonElement> Page(StoreProcess store, string path)
    {
        using var answer = await store.Http.PostAsync(path, null);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    private static string FileIn(TemporaryFolder folder, string address) => Directory.GetFiles(
        folder["storage", "blake3"], address.Split(':')[1], SearchOption.AllDirectories).Single();

    private static async Task<string> KeyIn(RgwBucket bucket, string address) =>
        (await bucket.Names()).Single(key => key.EndsWith(address.Split(':')[1], StringComparison.Ordinal));

    private static void FlipOneByte(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        // Objects may not be written to; another file takes the name.
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }
}
