using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Storage.Native;

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
        var name = root.HasUnnamedFiles ? null : $"{root.Staging}/probe-{Environment.ProcessId}";
        var flags = Posix.WriteOnly | (name is null ? Posix.Unnamed : Posix.Create);
        var handle = StagingFile.Open(root, name ?? root.Staging, flags);
        using (new DurableFile(handle, name, owned: true))
            LocalRoot.Check(Posix.Write(handle, "?"u8, 0), "write to", root.Staging);
    }
}
