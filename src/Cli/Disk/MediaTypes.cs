using System.Collections.Frozen;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Disk;

/// <summary>
/// Media types by extension, for what build outputs and evidence are made of. What is not here is octets: a guess would be a claim.
/// </summary>
internal static class MediaTypes
{
    private static readonly FrozenDictionary<string, MediaType> ByExtension = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".txt"] = "text/plain",
        [".log"] = "text/plain",
        [".md"] = "text/markdown",
        [".csv"] = "text/csv",
        [".html"] = "text/html",
        [".htm"] = "text/html",
        [".css"] = "text/css",
        [".js"] = "text/javascript",
        [".json"] = "application/json",
        [".jsonl"] = "application/jsonl",
        [".xml"] = "application/xml",
        [".yaml"] = "application/yaml",
        [".yml"] = "application/yaml",
        [".toml"] = "application/toml",
        [".cbor"] = "application/cbor",
        [".pdf"] = "application/pdf",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".svg"] = "image/svg+xml",
        [".zip"] = "application/zip",
        [".gz"] = "application/gzip",
        [".tgz"] = "application/gzip",
        [".zst"] = "application/zstd",
        [".tar"] = "application/x-tar",
        [".wasm"] = "application/wasm",
    }.ToFrozenDictionary(pair => pair.Key, pair => MediaType.FromStored(pair.Value), StringComparer.OrdinalIgnoreCase);

    public static MediaType Of(RelativePath path) =>
        ByExtension.GetValueOrDefault(Path.GetExtension(path.Value)) ?? MediaType.OctetStream;
}
