using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ArtifactStore.Benchmarks.Load;

internal sealed record PushedFile(string Id, string Blake3);

/// <summary>The native door in three calls.</summary>
internal static class NativeDoor
{
    public static string CreatePackage(this HttpConnection store, string name)
    {
        var body = $$"""{"name":"{{name}}","producer":"bench","subject":"bench","retention_class":"transient"}""";
        var answer = store.Send("POST", "/packages", Encoding.ASCII.GetBytes(body), "application/json").Expect(201);
        return answer.Location![(answer.Location!.LastIndexOf('/') + 1)..];
    }

    public static void PutFile(this HttpConnection store, string package, string path, ReadOnlySpan<byte> bytes) =>
        store.Send("PUT", $"/packages/{package}/files/{path}", bytes).Expect(201);

    public static PushedFile Parse(Answer answer)
    {
        using var json = JsonDocument.Parse(answer.Expect(201).Body);
        return new(json.RootElement.GetProperty("id").GetString()!, json.RootElement.GetProperty("digest_primary").GetString()!);
    }
}

/// <summary>The OCI Distribution door: a push is a POST that opens an upload and a PUT that sends the bytes and the digest.</summary>
internal static class OciDoor
{
    public const string Repository = "bench";

    public static string Target(string sha256) => $"/v2/{Repository}/blobs/sha256:{sha256}";

    public static void PushBlob(this HttpConnection registry, ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        registry.Send("PUT", registry.OpenUpload(Convert.ToHexStringLower(digest)), bytes).Expect(201);
    }

    public static void PushBlob(this HttpConnection registry, string file, string sha256) =>
        registry.SendFile("PUT", registry.OpenUpload(sha256), file, prefix: []).Expect(201);

    /// <summary>The target of the PUT.</summary>
    private static string OpenUpload(this HttpConnection registry, string sha256)
    {
        var location = registry.Send("POST", $"/v2/{Repository}/blobs/uploads/").Expect(202).Location!;
        return $"{new Uri(new Uri("http://registry/"), location).PathAndQuery}&digest=sha256:{sha256}";
    }
}
