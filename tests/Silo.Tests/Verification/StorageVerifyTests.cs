using System.Text.Json;
using System.Text.RegularExpressions;
using ArtifactStore.Cli;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Silo.Tests.Verification;

/// <summary><c>artifactstore storage verify</c> while no server runs.</summary>
public sealed partial class StorageVerifyTests : IDisposable
{
    private const string Verify = "storage verify --backend local";

    private readonly StoreOfFiles _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Good_objects_are_verified_and_the_log_says_so()
    {
        await _store.Fill([.. Enumerable.Range(1, 20)]);
        var (code, output, error) = await _store.Run(Verify);
        Assert.True(code == ExitCode.Ok, output + error);
        Assert.Contains("verified 20 of 20 objects in local", output);
        Assert.Contains("nothing wrong", output);
        Assert.Equal(20, await _store.CountOf("v1.storage.location_verified"));
        Assert.Equal(("ok", 0), await _store.Health());
    }

    [Fact]
    public async Task Of_many_objects_the_one_with_a_flipped_byte_is_found_and_pushing_its_bytes_again_heals_it()
    {
        await _store.Fill([.. Enumerable.Range(1, 50)]);
        var bad = _store.Objects()[17];
        StoreOfFiles.FlipOneByte(bad);

        var (code, output, _) = await _store.Run($"{Verify} --json");
        Assert.Equal(ExitCode.VerificationFailed, code);
        var answer = JsonSerializer.Deserialize<JsonElement>(output);
        var fault = Assert.Single(answer.GetProperty("faults").EnumerateArray());
        Assert.Equal("blake3:" + Path.GetFileName(bad), fault.GetProperty("content_address").GetString());
        Assert.True(fault.GetProperty("failed").GetBoolean());
        Assert.Equal(49, answer.GetProperty("verified").GetInt64());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("next").ValueKind);
        Assert.Equal(("degraded", 1), await _store.Health());
        Assert.Equal(ExitCode.VerificationFailed, (await _store.Run(Verify)).ExitCode);

        await _store.Fill([.. Enumerable.Range(1, 50)]);
        Assert.Equal(("ok", 0), await _store.Health());
        Assert.Equal(1, await _store.CountOf("v1.storage.location_repaired"));
        Assert.Equal(ExitCode.Ok, (await _store.Run(Verify)).ExitCode);
    }

    [Fact]
    public async Task A_missing_object_and_one_that_is_cut_are_told_apart()
    {
        await _store.Fill(1, 2, 3);
        var objects = _store.Objects();
        File.Delete(objects[0]);
        File.Delete(objects[1]);
        await File.WriteAllBytesAsync(objects[1], new byte[10]);
        var (code, output, error) = await _store.Run(Verify);
        Assert.Equal(ExitCode.VerificationFailed, code);
        Assert.Contains("2 objects WRONG", output);
        Assert.Contains("there is no object at the key; marked failed", error);
        Assert.Contains("the object has 10 bytes and should have 3000; marked failed", error);
        Assert.Equal(("degraded", 2), await _store.Health());
    }

    [Fact]
    public async Task K09_what_is_stopped_says_how_to_continue_and_goes_on_from_there()
    {
        await _store.Fill([.. Enumerable.Range(1, 600)]);
        // The first object that was settled, so that the first page has something to tell.
        await using (var open = await _store.Open(TimeProvider.System))
        {
            var first = (await open.Views.Locations(new("local"), 0, 1)).Items[0];
            StoreOfFiles.FlipOneByte(_store.Objects().Single(file => file.EndsWith(first.Content.Blake3.ToHex(), StringComparison.Ordinal)));
        }
        using var stop = new CancellationTokenSource();
        var (code, _, error) = await _store.Run(Verify, line =>
        {
            if (line.Contains("marked failed", StringComparison.Ordinal)) stop.Cancel();
        }, stop.Token);
        Assert.Equal(ExitCode.Interrupted, code);
        var after = Continue().Match(error).Groups["key"].Value;
        Assert.NotEmpty(after);

        var done = await _store.CountOf("v1.storage.location_verified");
        Assert.InRange(done, 1, 599);
        var (last, output, rest) = await _store.Run($"{Verify} --after {after}");
        Assert.True(last == ExitCode.Ok, output + rest);
        Assert.Equal(599, await _store.CountOf("v1.storage.location_verified"));
        Assert.Contains($"verified {599 - done} of {599 - done} objects", output);
    }

    [Fact]
    public async Task A_backend_that_is_away_ends_the_run_and_marks_nothing()
    {
        await _store.Fill(1, 2, 3);
        await using var open = await _store.Open(TimeProvider.System);
        Directory.Move(_store.Root, _store.Root + ".away");
        await Assert.ThrowsAsync<BlobStoreException>(() => open.Verifier.Page(BackendId.Local, 0, 4, CancellationToken.None));
        Directory.Move(_store.Root + ".away", _store.Root);
        Assert.Empty(await open.Views.Events(0, 1000, ["v1.storage.location_failed", "v1.storage.location_verified"]));
        Assert.Equal(3, (await open.Verifier.Page(BackendId.Local, 0, 4, CancellationToken.None)).Verified);
    }

    [Theory]
    [InlineData("storage verify", ExitCode.Usage, "--backend")]
    [InlineData("storage verify --backend local --jobs 0", ExitCode.Usage, "--jobs")]
    [InlineData("storage verify --backend attic", ExitCode.NotFound, "no storage backend 'attic'")]
    public async Task What_cannot_be_is_told_in_a_sentence(string arguments, int expected, string says)
    {
        await _store.Fill(1);
        var (code, _, error) = await _store.Run(arguments);
        Assert.Equal(expected, code);
        Assert.Contains(says, error);
    }

    [GeneratedRegex(@"to continue: artifactstore storage verify --backend local --jobs 4 --after (?<key>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Continue();
}
