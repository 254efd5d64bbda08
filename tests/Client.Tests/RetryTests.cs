using ArtifactStore.Client.Tests.StandIn;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Client.Tests;

public sealed class RetryTests
{
    [Fact]
    public async Task A_store_that_is_busy_is_asked_again_and_not_before_it_said()
    {
        await using var fixture = await Fixture.Start();
        var refusals = 2;
        fixture.Store.Interfere = async http =>
        {
            if (Interlocked.Decrement(ref refusals) < 0) return false;
            http.Response.Headers.RetryAfter = "7";
            await StandInStore.Refuse(http, ErrorCatalogue.Overloaded.With("full"));
            return true;
        };
        var clock = new HastyClock();
        using var client = new ArtifactStoreClient(new(fixture.Store.Url, clock, new Random(1)));

        await client.HealthAsync();

        Assert.Equal(3, fixture.Store.Requests.Count);
        Assert.Equal(2, clock.Waits.Count(wait => wait >= TimeSpan.FromSeconds(7) && wait < TimeSpan.FromSeconds(8)));
    }

    [Fact]
    public async Task Attempts_are_bounded_and_the_last_refusal_is_the_answer()
    {
        await using var fixture = await Fixture.Start();
        fixture.Store.Interfere = async http =>
        {
            await StandInStore.Refuse(http, ErrorCatalogue.DatabaseUnavailable.With("gone"));
            return true;
        };
        using var client = fixture.Client(maxAttempts: 4);

        var failure = await Assert.ThrowsAsync<ArtifactStoreException>(() => client.HealthAsync());

        Assert.Equal(4, fixture.Store.Requests.Count);
        Assert.Equal(("database_unavailable", 503, "gone"), (failure.Code, failure.Status, failure.Detail));
        Assert.True(failure.Retryable);
        Assert.Equal(ErrorCatalogue.DatabaseUnavailable.Help, failure.Help);
    }

    [Fact]
    public async Task A_refusal_that_would_be_repeated_is_not_asked_for_twice()
    {
        await using var fixture = await Fixture.Start();
        using var client = fixture.Client();

        var failure = await Assert.ThrowsAsync<ArtifactStoreException>(() => client.CreatePackageAsync(new("n", "p", "s", "no-such-class")));

        Assert.Equal("class_unknown", failure.Code);
        Assert.Single(fixture.Store.Requests);
    }

    [Fact]
    public async Task Back_off_doubles_up_to_its_limit_with_jitter()
    {
        var clock = new HastyClock();
        await using var fixture = await Fixture.Start();
        fixture.Store.Interfere = http =>
        {
            http.Abort();
            return Task.FromResult(true);
        };
        using var client = new ArtifactStoreClient(new(fixture.Store.Url, clock, new Random(1)) { Retries = new() { MaxAttempts = 9 } });

        await Assert.ThrowsAsync<ArtifactStoreException>(() => client.HealthAsync());

        var waits = clock.Waits.Where(wait => wait != TimeSpan.FromSeconds(5)).ToList();
        Assert.Equal(8, waits.Count);
        for (var i = 0; i < waits.Count; i++)
        {
            var most = Math.Min(10_000, 200 * Math.Pow(2, i));
            Assert.InRange(waits[i].TotalMilliseconds, most / 2, most);
        }
    }

    [Fact]
    public async Task An_upload_whose_answer_was_lost_finds_its_file_and_succeeds()
    {
        await using var fixture = await Fixture.Start();
        using var client = fixture.Client();
        var package = await client.CreatePackageAsync(new("n", "ci", "s", "transient"));
        var puts = 0;
        fixture.Store.Interfere = http =>
        {
            if (http.Request.Method == "PUT" && Interlocked.Increment(ref puts) == 1)
                http.Response.OnStarting(() => { http.Abort(); return Task.CompletedTask; });
            return Task.FromResult(false);
        };

        var file = await client.PutFileAsync(package.Id, Of("d/f"), Upload("hello"));

        Assert.Equal(2, puts);
        Assert.Equal(("d/f", 5L), (file.RelativePath, file.Size));
    }

    [Fact]
    public async Task A_path_taken_by_other_bytes_stays_a_refusal()
    {
        await using var fixture = await Fixture.Start();
        using var client = fixture.Client();
        var package = await client.CreatePackageAsync(new("n", "ci", "s", "transient"));
        await client.PutFileAsync(package.Id, Of("f"), Upload("one"));

        var failure = await Assert.ThrowsAsync<ArtifactStoreException>(() => client.PutFileAsync(package.Id, Of("f"), Upload("two")));

        Assert.Equal("path_taken", failure.Code);
    }

    [Fact]
    public async Task A_download_that_breaks_again_and_again_is_taken_up_where_it_broke()
    {
        await using var fixture = await Fixture.Start();
        var bytes = new byte[1_000_000];
        new Random(5).NextBytes(bytes);
        var address = ContentAddress.Blake3(Interfaces.Hashing.Digest256.FromBytes(Interfaces.Hashing.Blake3.Hash(bytes)));
        var ranges = new List<string>();
        fixture.Store.Interfere = async http =>
        {
            // Every answer promises all that is left, and breaks after 100,000 bytes.
            var from = (int)(http.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0);
            ranges.Add(http.Request.Headers.Range.ToString());
            http.Response.StatusCode = from > 0 ? 206 : 200;
            if (from > 0) http.Response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
            http.Response.ContentLength = bytes.Length - from;
            await http.Response.Body.WriteAsync(bytes.AsMemory(from, Math.Min(100_000, bytes.Length - from)));
            await http.Response.Body.FlushAsync();
            if (from + 100_000 < bytes.Length) http.Abort();
            return true;
        };
        using var client = fixture.Client(maxAttempts: 3);
        using var received = new MemoryStream();

        await client.DownloadAsync(address, received);

        Assert.Equal(bytes, received.ToArray());
        Assert.InRange(ranges.Count, 10, 400);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_does_not_double_the_bytes()
    {
        await using var fixture = await Fixture.Start();
        var address = ContentAddress.Parse(PushTests.Address("hello world"), null);
        fixture.Store.Interfere = async http =>
        {
            await http.Response.Body.WriteAsync("hello world"u8.ToArray());
            return true;
        };
        using var client = fixture.Client();
        using var destination = new MemoryStream();
        using var received = new VerifiedDownload(address, destination);
        destination.Write("hello"u8);
        received.Recall("hello"u8);

        await client.DownloadAsync(received);

        Assert.Equal("hello world"u8.ToArray(), destination.ToArray());
    }

    [Fact]
    public async Task More_bytes_than_announced_are_cut_off()
    {
        await using var fixture = await Fixture.Start();
        fixture.Store.Contents[PushTests.Address("x")] = new byte[1000];
        using var client = fixture.Client();
        using var destination = new MemoryStream();
        using var received = new VerifiedDownload(ContentAddress.Parse(PushTests.Address("x"), null), destination, 1);

        var failure = await Assert.ThrowsAsync<ArtifactStoreException>(() => client.DownloadAsync(received));

        Assert.Equal(StoreFailure.VerificationFailed, failure.Failure);
        Assert.Empty(destination.ToArray());
    }

    [Fact]
    public async Task A_source_that_is_shorter_than_announced_stores_nothing()
    {
        await using var fixture = await Fixture.Start();
        using var client = fixture.Client();
        var package = await client.CreatePackageAsync(new("n", "ci", "s", "transient"));
        var upload = Upload("hello") with { Size = 50 };

        await Assert.ThrowsAsync<SourceChangedException>(() => client.PutFileAsync(package.Id, Of("f"), upload));

        Assert.Empty(fixture.Store.Contents);
    }

    [Fact]
    public async Task Something_that_is_no_store_is_called_that()
    {
        await using var fixture = await Fixture.Start();
        fixture.Store.Interfere = async http =>
        {
            await http.Response.Body.WriteAsync("<html>hello</html>"u8.ToArray());
            return true;
        };
        using var client = fixture.Client();

        var failure = await Assert.ThrowsAsync<ArtifactStoreException>(() => client.HealthAsync());

        Assert.Equal(StoreFailure.NotAStore, failure.Failure);
    }

    [Fact]
    public async Task An_answer_that_lacks_a_field_is_no_store_either()
    {
        await using var fixture = await Fixture.Start();
        fixture.Store.Interfere = async http =>
        {
            await http.Response.Body.WriteAsync("{}"u8.ToArray());
            return true;
        };
        using var client = fixture.Client();

        var package = new PackageId(Guid.Empty);
        var failures = new[]
        {
            await Assert.ThrowsAsync<ArtifactStoreException>(() => client.GetPackageAsync(package)),
            await Assert.ThrowsAsync<ArtifactStoreException>(() => client.MissingAsync([])),
            await Assert.ThrowsAsync<ArtifactStoreException>(async () => await client.EventsAsync().FirstAsync()),
            await Assert.ThrowsAsync<ArtifactStoreException>(async () => await client.ListFilesAsync(package).FirstAsync()),
        };

        Assert.All(failures, failure => Assert.Equal(StoreFailure.NotAStore, failure.Failure));
    }

    [Fact]
    public async Task Events_come_in_order_each_once_across_pages_and_broken_connections()
    {
        await using var fixture = await Fixture.Start();
        using var client = fixture.Client();
        for (var i = 0; i < 7; i++) await client.CreatePackageAsync(new($"n{i}", "ci", "s", "transient"));
        var polls = 0;
        fixture.Store.Interfere = http =>
        {
            if (Interlocked.Increment(ref polls) % 2 == 0) return Task.FromResult(false);
            http.Abort();
            return Task.FromResult(true);
        };

        var sequences = new List<long>();
        await foreach (var line in client.EventsAsync(after: 2)) sequences.Add(line.Sequence);

        Assert.Equal([3, 4, 5, 6, 7], sequences);
    }

    private static RelativePath Of(string path)
    {
        Assert.Null(RelativePath.TryCreate(path, out var relative));
        return relative!;
    }

    private static Upload Upload(string text) => new(
        ContentAddress.Parse(PushTests.Address(text), null), text.Length, MediaType.OctetStream, () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));
}
