using System.IO.Pipelines;
using System.Text;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>How a download presents itself.</summary>
/// <param name="FileName">Null: it is shown rather than saved.</param>
public sealed record Presentation(string MediaType, string? FileName);

/// <summary>
/// GET and HEAD of bytes (RFC 9110 §13 and §14): conditions, one range or several, and the bytes themselves. Invariant: an answer is whole
/// or its connection is cut; a length that was announced is never made up for.
/// </summary>
public sealed partial class ContentDownload(ContentReader reader, IIds ids, ILogger<ContentDownload> logger)
{
    /// <summary>
    /// Large enough that a copy costs few system calls. Kestrel buffers two of these, so that the next is read from the backend while the
    /// last one is being sent, and a slow reader costs no more than that.
    /// </summary>
    public const int ChunkBytes = 1024 * 1024;

    public const int MaxBufferedBytes = 2 * ChunkBytes;

    public async Task<Error?> Serve(HttpContext http, ReadScope scope, ContentView content, Presentation presentation)
    {
        var address = ContentAddress.Blake3(content.Digests.Blake3);
        var tag = new EntityTagHeaderValue($"\"{address}\"");
        Describe(http.Response, content, address, tag, presentation);

        switch (Preconditions.Check(http.Request, tag))
        {
            case Preconditions.Verdict.Failed:
                return ErrorCatalogue.PreconditionFailed.With($"the content is {address}, which If-Match does not name");
            case Preconditions.Verdict.NotModified:
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return null;
        }

        var header = Preconditions.RangeApplies(http.Request, tag) ? http.Request.Headers.Range.ToString() : null;
        var size = content.Digests.Size;
        switch (ByteRanges.Parse(header, size, out var ranges))
        {
            case ByteRanges.Verdict.TooMany:
                return Unsatisfiable(http, size, $"more than {ByteRanges.MaxRanges} ranges");
            case ByteRanges.Verdict.Unsatisfiable:
                return Unsatisfiable(http, size, $"the content has {size} bytes");
            case ByteRanges.Verdict.Ignore:
                http.Response.Headers[DigestHeaders.ContentDigest] = DigestHeaders.Sha256Field(content.Digests);
                http.Response.ContentLength = size;
                return await SendParts(http, scope, content, [new(default, new ByteRange(0, size))], default);
            default:
                http.Response.StatusCode = StatusCodes.Status206PartialContent;
                return ranges.Count == 1
                    ? await SendRange(http, scope, content, ranges[0])
                    : await SendRanges(http, scope, content, ranges, presentation.MediaType);
        }
    }

    private static void Describe(
        HttpResponse response, ContentView content, ContentAddress address, EntityTagHeaderValue tag, Presentation presentation)
    {
        var headers = response.Headers;
        response.ContentType = presentation.MediaType;
        headers.ETag = tag.ToString();
        headers.AcceptRanges = "bytes";
        headers[DigestHeaders.ContentAddressHeader] = address.ToString();
        headers[DigestHeaders.ReprDigest] = DigestHeaders.Sha256Field(content.Digests);
        // Whoever may write may store a page with a script in it; it must not run with the rights of this origin.
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.CacheControl = "private, no-cache";
        if (presentation.FileName is null) return;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(presentation.FileName);
        headers.ContentDisposition = disposition.ToString();
    }

    private static Error Unsatisfiable(HttpContext http, long size, string detail)
    {
        http.Response.Headers.ContentRange = $"bytes */{size}";
        return ErrorCatalogue.RangeUnsatisfiable.With(detail);
    }

    private Task<Error?> SendRange(HttpContext http, ReadScope scope, ContentView content, ByteRange range)
    {
        http.Response.Headers.ContentRange = range.ContentRange(content.Digests.Size);
        http.Response.ContentLength = range.Length;
        return SendParts(http, scope, content, [new(default, range)], default);
    }

    /// <summary>RFC 9110 §14.6. The heads are made first, so that the length is known and no chunking is needed.</summary>
    private Task<Error?> SendRanges(
        HttpContext http, ReadScope scope, ContentView content, IReadOnlyList<ByteRange> ranges, string mediaType)
    {
        var boundary = $"artifactstore-{ids.Next():N}";
        var parts = new List<Part>(ranges.Count);
        foreach (var range in ranges)
        {
            var contentRange = range.ContentRange(content.Digests.Size);
            var head = $"\r\n--{boundary}\r\nContent-Type: {mediaType}\r\nContent-Range: {contentRange}\r\n\r\n";
            parts.Add(new(Encoding.ASCII.GetBytes(head), range));
        }
        var end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        http.Response.ContentType = $"multipart/byteranges; boundary={boundary}";
        http.Response.ContentLength = parts.Sum(part => part.Head.Length + part.Range.Length) + end.Length;
        return SendParts(http, scope, content, parts, end);
    }

    private async Task<Error?> SendParts(
        HttpContext http, ReadScope scope, ContentView content, IReadOnlyList<Part> parts, ReadOnlyMemory<byte> end)
    {
        if (HttpMethods.IsHead(http.Request.Method)) return null;
        foreach (var part in parts)
        {
            if (!part.Head.IsEmpty) await http.Response.BodyWriter.WriteAsync(part.Head, http.RequestAborted);
            if (part.Range.Length == 0) continue;
            var opened = await reader.Open(scope, content, part.Range.Offset, part.Range.Length, http.RequestAborted);
            if (!opened.Succeeded) return Forget(http, opened.Error);
            await using var source = opened.Value;
            if (!await Copy(http, source, part.Range.Length))
            {
                LogCutShort(logger, Problem.TraceIdOf(http), ContentAddress.Blake3(content.Digests.Blake3).ToString());
                http.Abort();
                return null;
            }
        }
        if (!end.IsEmpty) await http.Response.BodyWriter.WriteAsync(end, http.RequestAborted);
        return null;
    }

    /// <summary>What was announced about the bytes does not hold for the problem that is sent instead.</summary>
    private static Error Forget(HttpContext http, Error error)
    {
        if (!http.Response.HasStarted) http.Response.Headers.Clear();
        return error;
    }

    /// <summary>False: the object ended before its size.</summary>
    private static async Task<bool> Copy(HttpContext http, Stream source, long length)
    {
        // Before the start Kestrel hands out throw-away buffers of its own; afterwards the chunk goes to the socket as it was read.
        await http.Response.StartAsync(http.RequestAborted);
        var body = http.Response.BodyWriter;
        while (length > 0)
        {
            var wanted = (int)Math.Min(length, ChunkBytes);
            var read = await source.ReadAsync(body.GetMemory(wanted)[..wanted], http.RequestAborted);
            if (read == 0) return false;
            body.Advance(read);
            length -= read;
            var flushed = await body.FlushAsync(http.RequestAborted);
            if (flushed.IsCompleted) return true;
        }
        return true;
    }

    private readonly record struct Part(ReadOnlyMemory<byte> Head, ByteRange Range);

    [LoggerMessage(EventId = 2111, Level = LogLevel.Error,
        Message = "Request {TraceId}: the object of {Address} is shorter than its size; connection cut")]
    private static partial void LogCutShort(ILogger logger, string traceId, string address);
}
