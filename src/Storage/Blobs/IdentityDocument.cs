using System.Text;
using System.Text.Json;
using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Blobs;

/// <summary>
/// What lies at the root of a backend and says whose bytes it holds: one line of ASCII,
/// <c>{"format":"artifactstore-blobs/1","store_id":"…","incarnation":1}</c>.
/// </summary>
internal static class IdentityDocument
{
    public const int MaxBytes = 4096;
    private const string Format = "artifactstore-blobs/1";

    public static byte[] Encode(BackendIdentity identity) => Encoding.ASCII.GetBytes(
        $$"""{"format":"{{Format}}","store_id":"{{identity.StoreId:D}}","incarnation":{{identity.Incarnation}}}""" + "\n");

    /// <exception cref="FormatException">It is none. The message is the end of a sentence about the document.</exception>
    public static BackendIdentity Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var line = document.RootElement;
            if (line.GetProperty("format").GetString() == Format)
                return new(line.GetProperty("store_id").GetGuid(), line.GetProperty("incarnation").GetInt32());
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException("that cannot be read", malformed);
        }
        throw new FormatException($"of another format than {Format}");
    }
}
