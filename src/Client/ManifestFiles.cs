using System.Formats.Cbor;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>A file as a manifest names it.</summary>
public sealed record ManifestFile(RelativePath Path, ContentAddress Address, long Size);

/// <summary>
/// The files of a manifest whose digest has been verified, one at a time. That the bytes are the promised ones does not make them sensible:
/// a path that would leave the directory, or a second file of the same name, is refused here.
/// </summary>
public static class ManifestFiles
{
    /// <exception cref="ArtifactStoreException">The manifest cannot be what a store wrote.</exception>
    public static IEnumerable<ManifestFile> Read(ReadOnlyMemory<byte> manifest)
    {
        var cbor = new CborReader(manifest, CborConformanceMode.Canonical);
        string? before = null;
        foreach (var _ in Elements(cbor))
        {
            var file = Checked(() => ReadFile(cbor));
            if (before is not null && PathOrder.Compare(before, file.Path.Value) >= 0) throw Damaged($"'{file.Path}' is out of order");
            before = file.Path.Value;
            yield return file;
        }
    }

    /// <summary>Stands at each element of the array <c>files</c> in turn.</summary>
    private static IEnumerable<int> Elements(CborReader cbor)
    {
        if (!Checked(() => FindFiles(cbor))) throw Damaged("it has no 'files'");
        for (var i = 0; Checked(cbor.PeekState) != CborReaderState.EndArray; i++) yield return i;
    }

    private static bool FindFiles(CborReader cbor)
    {
        cbor.ReadStartMap();
        while (cbor.PeekState() != CborReaderState.EndMap)
        {
            if (cbor.ReadTextString() == "files")
            {
                cbor.ReadStartArray();
                return true;
            }
            cbor.SkipValue();
        }
        return false;
    }

    private static ManifestFile ReadFile(CborReader cbor)
    {
        string? path = null, address = null;
        long? size = null;
        cbor.ReadStartMap();
        while (cbor.PeekState() != CborReaderState.EndMap)
        {
            switch (cbor.ReadTextString())
            {
                case "relative_path":
                    path = cbor.ReadTextString();
                    break;
                case "content_address":
                    address = cbor.ReadTextString();
                    break;
                case "size":
                    size = cbor.ReadInt64();
                    break;
                default:
                    cbor.SkipValue();
                    break;
            }
        }
        cbor.ReadEndMap();
        if (RelativePath.TryCreate(path, out var relative) is { } reason) throw Damaged($"'{path}': {reason}");
        if (!ContentAddress.TryParse(address, out var content) || size is not >= 0) throw Damaged($"'{path}' has no address or no size");
        return new(relative!, content, size.Value);
    }

    private static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception broken) when (broken is CborContentException or InvalidOperationException or OverflowException)
        {
            throw Damaged(broken.Message);
        }
    }

    private static ArtifactStoreException Damaged(string how) =>
        new(StoreFailure.VerificationFailed, $"the manifest has the right digest, but is none that this program understands: {how}");
}
