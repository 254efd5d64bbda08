namespace ArtifactStore.Storage.Tests.Blobs;

/// <summary>A directory of one test. It lies under the build output, on the disk: a /tmp in memory would hide what a sync costs.</summary>
internal sealed class TemporaryRoot : IDisposable
{
    public TemporaryRoot() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "roots", Path.GetRandomFileName());

    /// <summary>Where the store goes: it makes this directory itself.</summary>
    public string Root => Path.Combine(Folder, "blobs");

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
