using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>Looks whether the root is there and takes a byte; says how much room it has.</summary>
internal sealed class LocalHealth(LocalRoot root)
{
    public BackendHealth Examine()
    {
        try
        {
            root.Prepare();
            root.RequirePresent();
            TakeOneByte();
            var drive = new DriveInfo(root.Path);
            return new BackendHealth(true, null, drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (BlobStoreException failure)
        {
            return new BackendHealth(false, failure.Message, null, null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new BackendHealth(false, $"The storage root {root.Path} cannot be examined: {failure.Message}", null, null);
        }
    }

    private void TakeOneByte()
    {
        var probe = new MemoryStage(root, default, default, "?"u8.ToArray());
        using var _ = probe.Written();
    }
}
