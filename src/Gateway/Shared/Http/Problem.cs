using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>A refusal as RFC 9457 problem details. <c>type</c> resolves: GET it for the help text.</summary>
public static class Problem
{
    public const string MediaType = "application/problem+json";
    private const int RetryAfterSeconds = 2;

    /// <summary>Quotes and angle brackets stay readable: this is JSON with its own media type, never part of a page.</summary>
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string TraceIdOf(HttpContext http) => Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;

    /// <summary>
    /// Answers with the problem, or cuts the connection when an answer has begun: half an answer must not look like a whole one.
    /// </summary>
    public static async Task Write(HttpContext http, Error error)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }
        var kind = error.Kind;
        var response = http.Response;
        response.StatusCode = kind.Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (kind.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer realm=\"artifactstore\"";
        if (kind.Retryable && kind.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status507InsufficientStorage)
            response.Headers[HeaderNames.RetryAfter] = RetryAfterSeconds.ToString();

        var body = Render(error, TraceIdOf(http));
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(http.Request.Method)) return;
        await response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static byte[] Render(Error error, string traceId)
    {
        var kind = error.Kind;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type", $"/errors/{kind.Code}");
            json.WriteString("title", kind.Title);
            json.WriteNumber("status", kind.Status);
            json.WriteString("detail", error.Detail);
            json.WriteString("code", kind.Code);
            json.WriteString("help", kind.Help);
            json.WriteBoolean("retryable", kind.Retryable);
            json.WriteString("trace_id", traceId);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
