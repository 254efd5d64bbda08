using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>One JSON object from a request body, within limits that hold for every route.</summary>
public static class JsonBody
{
    public const int MaxBytes = 1024 * 1024;
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The caller disposes the document.</summary>
    public static async Task<Outcome<JsonDocument>> Read(HttpContext http)
    {
        if (!IsJson(http.Request.ContentType)) return ErrorCatalogue.MediaTypeUnsupported.With("this route takes application/json");
        if (http.Request.ContentLength > MaxBytes) return TooLarge();
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
        try
        {
            // One byte more than the limit tells a body that ends there from one that goes on.
            var length = await http.Request.Body.ReadAtLeastAsync(
                buffer.AsMemory(0, MaxBytes + 1), MaxBytes + 1, throwOnEndOfStream: false, http.RequestAborted);
            return length > MaxBytes ? TooLarge() : Parse(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static Outcome<JsonDocument> Parse(ReadOnlySpan<byte> utf8)
    {
        // The parser looks into strings only when they are asked for; what is no text is refused at the door instead.
        if (!Utf8.IsValid(utf8)) return ErrorCatalogue.JsonMalformed.With("the body is not valid UTF-8");
        try
        {
            // A copy: the pooled buffer goes back before the document is read.
            var document = JsonDocument.Parse(utf8.ToArray(), Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            return ErrorCatalogue.JsonMalformed.With("the body is not a JSON object");
        }
        catch (JsonException exception)
        {
            return ErrorCatalogue.JsonMalformed.With(exception.Message);
        }
        catch (InvalidOperationException)
        {
            return ErrorCatalogue.JsonMalformed.With("a name in the body is not valid Unicode");
        }
    }

    private static bool IsJson(string? contentType) =>
        contentType is null
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));

    private static Error TooLarge() => ErrorCatalogue.BodyTooLarge.With($"this route takes at most {MaxBytes} bytes");
}
