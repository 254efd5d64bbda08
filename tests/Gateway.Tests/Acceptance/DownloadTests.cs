using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using ArtifactStore.Gateway.Tests.Fixtures;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Row H12: bytes on their way out, whole and in ranges. Row F3: bytes that are gone.</summary>
public sealed class DownloadTests : IAsyncLifetime
{
    private const int Size = 3_000_000;

    private readonly byte[] _bytes = RandomNumberGenerator.GetBytes(Size);
    private RealStore _store = null!;
    private string _address = null!;
    private string _url = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await RealStore.Start();
        var package = await _store.Client.CreatePackage();
        var file = await _store.Client.PutFile(
            package, "dir/ä.bin", _bytes, request => request.Content!.Headers.ContentType = new("image/png"))
            .Json(HttpStatusCode.Created);
        _address = file.Text("content_address");
        _url = $"/files/{file.Text("id")}/download";
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task H12_the_whole_file_comes_with_its_digests()
    {
        using var answer = await _store.Client.GetAsync(_url);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(_bytes, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal($"\"{_address}\"", answer.Headers.ETag!.ToString());
        Assert.Equal(_address, answer.Headers.GetValues("X-Content-Address").Single());
        var digest = $"sha-256=:{Convert.ToBase64String(SHA256.HashData(_bytes))}:";
        Assert.Equal(digest, answer.Headers.GetValues("Content-Digest").Single());
        Assert.Equal(digest, answer.Headers.GetValues("Repr-Digest").Single());
        Assert.Equal(("image/png", "bytes"), (answer.Content.Headers.ContentType!.MediaType, answer.Headers.AcceptRanges.Single()));
        Assert.Equal("ä.bin", answer.Content.Headers.ContentDisposition!.FileNameStar);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task H12_head_tells_everything_but_the_bytes()
    {
        foreach (var path in new[] { _url, $"/contents/{_address}" })
        {
            using var answer = await _store.Client.SendAsync(new(HttpMethod.Head, path));
            Assert.Equal((HttpStatusCode.OK, Size), (answer.StatusCode, (int)answer.Content.Headers.ContentLength!));
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_000_000, 2_500_000)]
    [InlineData(2_999_999, null)]
    [InlineData(null, 7)]
    public async Task H12_one_range_is_that_part(int? from, int? to)
    {
        using var answer = await _store.Client.Get(_url, headers => headers.Range = new(from, to));
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        var start = from ?? Size - to!.Value;
        var end = from is null || to is null ? Size - 1 : to.Value;
        Assert.Equal($"bytes {start}-{end}/{Size}", answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(_bytes[start..(end + 1)], await answer.Content.ReadAsByteArrayAsync());
        Assert.False(answer.Headers.Contains("Content-Digest"));
    }

    [Fact]
    public async Task H12_several_ranges_come_in_the_order_asked_for()
    {
        using var answer = await _store.Client.Get(_url, headers => headers.Range = Ranges((2_000_000, 2_000_009), (0, 1_499_999)));
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        var type = answer.Content.Headers.ContentType!;
        Assert.Equal("multipart/byteranges", type.MediaType);
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(answer.Content.Headers.ContentLength, body.Length);
        var reader = new Microsoft.AspNetCore.WebUtilities.MultipartReader(type.Parameters.Single().Value!, new MemoryStream(body));
        foreach (var (first, last) in new[] { (2_000_000, 2_000_009), (0, 1_499_999) })
        {
            var part = await reader.ReadNextSectionAsync();
            Assert.Equal($"bytes {first}-{last}/{Size}", part!.Headers!["Content-Range"].ToString());
            Assert.Equal("image/png", part.ContentType);
            using var copy = new MemoryStream();
            await part.Body.CopyToAsync(copy);
            Assert.Equal(_bytes[first..(last + 1)], copy.ToArray());
        }
        Assert.Null(await reader.ReadNextSectionAsync());
    }

    [Fact]
    public async Task H12_ranges_that_overlap_never_make_an_answer_larger_than_the_file()
    {
        using var answer = await _store.Client.Get(
            _url, headers => headers.Range = Ranges([.. Enumerable.Range(0, 64).Select(i => (i, Size - 1))]));
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(Size, (await answer.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task H12_a_range_outside_is_416_and_tells_the_size()
    {
        foreach (var range in new[] { Ranges((Size, Size + 5)), Ranges([.. Enumerable.Range(0, 65).Select(i => (i * 3, (i * 3) + 1))]) })
        {
            using var answer = await _store.Client.Get(_url, headers => headers.Range = range);
            Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
            Assert.Equal($"bytes */{Size}", answer.Content.Headers.ContentRange!.ToString());
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        }
    }

    [Fact]
    public async Task H12_conditions_are_honoured()
    {
        var tag = new EntityTagHeaderValue($"\"{_address}\"");
        var other = new EntityTagHeaderValue("\"other\"");
        Assert.Equal(304, await Status(headers => headers.IfNoneMatch.Add(tag)));
        Assert.Equal(304, await Status(headers => headers.IfNoneMatch.Add(new(tag.Tag, isWeak: true))));
        Assert.Equal(304, await Status(headers => headers.IfNoneMatch.Add(EntityTagHeaderValue.Any)));
        Assert.Equal(200, await Status(headers => headers.IfNoneMatch.Add(other)));
        Assert.Equal(200, await Status(headers => headers.IfMatch.Add(tag)));
        Assert.Equal(412, await Status(headers => headers.IfMatch.Add(other)));
        Assert.Equal(412, await Status(headers => headers.IfMatch.Add(new(tag.Tag, isWeak: true))));
        Assert.Equal(206, await Status(headers => (headers.Range, headers.IfRange) = (Ranges((0, 1)), new(tag))));
        Assert.Equal(200, await Status(headers => (headers.Range, headers.IfRange) = (Ranges((0, 1)), new(other))));
        Assert.Equal(200, await Status(headers => (headers.Range, headers.IfRange) = (Ranges((0, 1)), new(DateTimeOffset.UnixEpoch))));
        Assert.Equal(304, await Status(headers =>
        {
            headers.Range = Ranges((0, 1));
            headers.IfNoneMatch.Add(tag);
        }));
    }

    [Fact]
    public async Task F3_bytes_that_are_gone_are_410_and_degrade_health_until_they_are_pushed_again()
    {
        foreach (var path in _store.Objects().ToList()) File.Delete(path);
        await _store.Client.GetAsync(_url).Problem("bytes_missing");
        await _store.Client.GetAsync(_url).Problem("bytes_missing");
        var health = await _store.Client.GetAsync("/health").Json();
        Assert.Equal("degraded", health.Text("status"));
        Assert.Equal(1, health.GetProperty("backends")[0].GetProperty("failed_locations").GetInt32());

        var other = await _store.Client.CreatePackage();
        await _store.Client.PutFile(other, "again", _bytes).Json(HttpStatusCode.Created);
        Assert.Equal(_bytes, await _store.Client.GetByteArrayAsync(_url));
    }

    [Fact]
    public async Task An_object_that_is_shorter_than_its_size_cuts_the_connection()
    {
        var path = _store.Objects().Single();
        await using (var file = File.OpenWrite(path)) file.SetLength(Size / 2);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _store.Client.GetByteArrayAsync(_url));
    }

    [Fact]
    public async Task F2_a_storage_root_that_is_gone_degrades_health_and_refuses_uploads()
    {
        Directory.Move(_store.BlobRoot, _store.BlobRoot + ".away");
        var health = await _store.Client.GetAsync("/health").Json();
        Assert.Equal("degraded", health.Text("status"));
        Assert.False(health.GetProperty("backend").GetProperty("healthy").GetBoolean());
        var package = await _store.Client.CreatePackage();
        await _store.Client.PutFile(package, "a", _bytes).Problem("storage_unavailable");
        Directory.Move(_store.BlobRoot + ".away", _store.BlobRoot);
        Assert.Equal("ok", (await _store.Client.GetAsync("/health").Json()).Text("status"));
        await _store.Client.PutFile(package, "a", _bytes).Json(HttpStatusCode.Created);
    }

    private async Task<int> Status(Action<HttpRequestHeaders> headers)
    {
        using var answer = await _store.Client.Get(_url, headers);
        return (int)answer.StatusCode;
    }

    private static RangeHeaderValue Ranges(params (int First, int Last)[] ranges)
    {
        var header = new RangeHeaderValue();
        foreach (var (first, last) in ranges) header.Ranges.Add(new(first, last));
        return header;
    }
}
