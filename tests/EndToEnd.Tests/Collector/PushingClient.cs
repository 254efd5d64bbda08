using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Collector;

/// <summary>
/// Pushes the same few contents under new packages for ever. Half of the packages expire after a second, and may be gone at any moment. The
/// others last until this client has read back every file, byte for byte, and deletes them. One it can hold any store to: what was answered
/// of a package that lasts is there, whichever node answers and whatever was killed since.
/// </summary>
internal sealed class PushingClient(PatientHttp http, WorkDone work, int seed)
{
    private const int Keeps = 1;
    private const int MaxFiles = 3;

    private static readonly byte[][] Contents = [.. Enumerable.Range(0, 8).Select(index => Bytes(index, 1024 + (index * 200 * 1024 / 7)))];

    private readonly Random _random = new(seed);
    private readonly Queue<LastingPackage> _kept = [];

    public async Task Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (_random.Next(2) == 0) await PushFleeting();
            else _kept.Enqueue(await PushLasting());
            if (_kept.Count <= Keeps) continue;
            var ended = _kept.Dequeue();
            await End(ended);
            await WaitUntilCollected(ended, stop);
        }
    }

    /// <summary>Reads and deletes what still lasts.</summary>
    public async Task Finish()
    {
        while (_kept.TryDequeue(out var package)) await End(package);
    }

    private async Task<LastingPackage> PushLasting()
    {
        var package = new LastingPackage(await Create("raw-evidence"), []);
        foreach (var (path, content) in Chosen(Any))
        {
            var put = await Put(package.Id, path, content);
            // A put whose answer was cut off may have been done.
            var done = put.Status == HttpStatusCode.Created || (put.Repeated && CodeOf(put) == "path_taken");
            Assert.True(done, $"PUT {path} to {package.Id}, which lasts: {(int)put.Status} {put.Text}");
            package.Files.Add(path, content);
            work.CountPush();
        }
        if (_random.Next(2) == 0) return package;
        var finalized = await http.Send(HttpMethod.Post, $"/packages/{package.Id}/finalize");
        Assert.True(finalized.Status is HttpStatusCode.OK or HttpStatusCode.Created, $"finalize {package.Id}: {(int)finalized.Status} {finalized.Text}");
        return package;
    }

    private async Task PushFleeting()
    {
        var package = await Create("transient");
        foreach (var (path, content) in Chosen(Popular))
        {
            var put = await Put(package, path, content);
            if (put.Status == HttpStatusCode.Created)
            {
                work.CountPush();
                await ReadWhileItLasts(JsonSerializer.Deserialize<JsonElement>(put.Body).GetProperty("id").GetString()!, content);
            }
            else
            {
                Assert.True(
                    CodeOf(put) is "package_not_open" or "package_gone" || (put.Repeated && CodeOf(put) == "path_taken"),
                    $"PUT {path} to {package}, which expires: {(int)put.Status} {put.Text}");
            }
        }
    }

    /// <summary>There and right, or not there; never announced and missing.</summary>
    private async Task ReadWhileItLasts(string file, byte[] content)
    {
        var read = await http.Send(HttpMethod.Get, $"/files/{file}/download");
        if (read.Status == HttpStatusCode.NotFound && CodeOf(read) == "file_unknown") return;
        Assert.True(read.Status == HttpStatusCode.OK, $"file {file}, which expires: {(int)read.Status} {read.Text}");
        Assert.True(content.AsSpan().SequenceEqual(read.Body), $"file {file} is not what was pushed");
    }

    private async Task End(LastingPackage package)
    {
        var listed = await http.Send(HttpMethod.Get, $"/packages/{package.Id}/files?limit=1000");
        Assert.True(listed.Status == HttpStatusCode.OK, $"LOST: files of {package.Id}: {(int)listed.Status} {listed.Text}");
        var files = JsonSerializer.Deserialize<JsonElement>(listed.Body).GetProperty("items").EnumerateArray()
            .ToDictionary(file => file.GetProperty("relative_path").GetString()!, file => file.GetProperty("id").GetString()!);
        Assert.Equal(package.Files.Keys.Order(), files.Keys.Order());
        foreach (var (path, content) in package.Files)
        {
            var read = await http.Send(HttpMethod.Get, $"/files/{files[path]}/download");
            Assert.True(read.Status == HttpStatusCode.OK, $"LOST: {path} of {package.Id}: {(int)read.Status} {(read.Status == HttpStatusCode.OK ? "" : read.Text)}");
            Assert.True(content.AsSpan().SequenceEqual(read.Body), $"LOST: {path} of {package.Id} is not what was pushed");
            work.CountRead();
        }
        var deleted = await http.Send(HttpMethod.Delete, $"/packages/{package.Id}?reason=read");
        var done = deleted.Status == HttpStatusCode.Accepted || (deleted.Repeated && CodeOf(deleted) == "package_gone");
        Assert.True(done, $"DELETE {package.Id}: {(int)deleted.Status} {deleted.Text}");
        work.CountEnd();
    }

    /// <summary>
    /// So that pushing is as fast as collecting: were it faster, every content would always have a reference, and none would ever lose its last
    /// one while somebody pushes it again.
    /// </summary>
    private Task WaitUntilCollected(LastingPackage package, CancellationToken stop) => Eventually.True(
        async () =>
        {
            if (stop.IsCancellationRequested) return true;
            var seen = await http.Send(HttpMethod.Get, $"/packages/{package.Id}");
            Assert.True(seen.Status == HttpStatusCode.OK, $"{package.Id}: {(int)seen.Status} {seen.Text}");
            return JsonSerializer.Deserialize<JsonElement>(seen.Body).GetProperty("status").GetString() == "garbage_collected";
        },
        $"{package.Id} was deleted and is collected");

    private async Task<string> Create(string retentionClass)
    {
        var package = new { name = "p", producer = "clients", subject = "contents", retention_class = retentionClass, metadata = new { } };
        var created = await http.Send(HttpMethod.Post, "/packages", () => JsonContent.Create(package), Guid.NewGuid().ToString());
        Assert.True(created.Status is HttpStatusCode.Created or HttpStatusCode.OK, $"POST /packages: {(int)created.Status} {created.Text}");
        return JsonSerializer.Deserialize<JsonElement>(created.Body).GetProperty("id").GetString()!;
    }

    private Task<Reply> Put(string package, string path, byte[] content) =>
        http.Send(HttpMethod.Put, $"/packages/{package}/files/{path}", () => new ByteArrayContent(content)
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") },
        });

    private List<(string Path, byte[] Content)> Chosen(Func<int> index)
    {
        var count = _random.Next(MaxFiles) + 1;
        return [.. Enumerable.Range(0, count).Select(number => ($"f{number}", Contents[index()]))];
    }

    /// <summary>All alike: such a package is gone soon, and its contents lose their last reference just as the next push of them comes.</summary>
    private int Any() => _random.Next(Contents.Length);

    /// <summary>
    /// Each a quarter as often as the one before. An expiring package keeps its contents for seconds: so whatever the speed of the machine,
    /// some contents are kept all the time, some now and then, and some hardly ever.
    /// </summary>
    private int Popular()
    {
        var index = 0;
        while (index < Contents.Length - 1 && _random.Next(4) == 0) index++;
        return index;
    }

    private static string CodeOf(Reply reply) =>
        JsonSerializer.Deserialize<JsonElement>(reply.Body) is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("code", out var code)
            ? code.GetString()!
            : "";

    private static byte[] Bytes(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private sealed record LastingPackage(string Id, Dictionary<string, byte[]> Files);
}
