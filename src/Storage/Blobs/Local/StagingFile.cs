using System.Collections.Concurrent;
using ArtifactStore.Storage.Native;
using Microsoft.Win32.SafeHandles;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// One file of the staging directory while its attempt lives. Disposing it removes the name, never a key it was linked to.
/// </summary>
internal sealed class StagingFile : IAsyncDisposable
{
    private readonly LiveStages live;
    private readonly SystemCallThreads threads;
    private int disposed;

    private StagingFile(SafeFileHandle handle, string path, LiveStages live, SystemCallThreads threads)
    {
        Handle = handle;
        Path = path;
        this.live = live;
        this.threads = threads;
    }

    public SafeFileHandle Handle { get; }

    public string Path { get; }

    public static StagingFile Create(LocalRoot root, string name, LiveStages live, SystemCallThreads threads)
    {
        if (!live.TryAdd(name)) throw new InvalidOperationException($"The attempt {name} is staging already: attempts are never reused.");
        try
        {
            var path = $"{root.Staging}/{name}";
            return new StagingFile(Open(root, path, Posix.ReadWrite | Posix.Create | Posix.Exclusive), path, live, threads);
        }
        catch
        {
            live.Remove(name);
            throw;
        }
    }

    public static SafeFileHandle Open(LocalRoot root, string path, int flags)
    {
        var error = Posix.Open(path, flags, LocalRoot.FileMode, out var handle);
        if (error == Posix.Enoent)
        {
            root.RestoreStaging();
            error = Posix.Open(path, flags, LocalRoot.FileMode, out handle);
        }
        LocalRoot.Check(error, "create a file in", root.Staging);
        return handle;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        // The last name of a gigabyte takes the file system a while to remove.
        await threads.Run(() =>
        {
            Posix.Unlink(Path);
            Handle.Dispose();
        });
        live.Remove(System.IO.Path.GetFileName(Path));
    }
}

/// <summary>The names in staging that belong to attempts of this process: the sweep leaves them alone, however old they are.</summary>
internal sealed class LiveStages
{
    private readonly ConcurrentDictionary<string, byte> names = new(StringComparer.Ordinal);

    public bool TryAdd(string name) => names.TryAdd(name, 0);

    public bool Contains(string name) => names.ContainsKey(name);

    public void Remove(string name) => names.TryRemove(name, out _);
}
