using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>Successful answers.</summary>
public static class Answer
{
    public const string Json = "application/json";
    public const string Cbor = "application/cbor";

    /// <summary>Always null, so that a handler can end with it.</summary>
    public static async Task<Error?> WriteJson<T>(
        this HttpContext http, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        await http.WriteBytes(JsonSerializer.SerializeToUtf8Bytes(value, type), Json, status);
        return null;
    }

    public static async Task WriteBytes(
        this HttpContext http, ReadOnlyMemory<byte> body, string mediaType, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
