using System.Collections.Concurrent;
using ArtifactStore.Storage.Native;
using Microsoft.Win32.SafeHandles;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// One file of this node's staging directory while its attempt lives. Disposing it removes the name, never a key it was linked to.
/// </summary>
internal sealed class StagingFile : IDisposable
{
    private readonly LiveStages _live;
    private int _disposed;

    private StagingFile(SafeFileHandle handle, string path, LiveStages live)
    {
        Handle = handle;
        Path = path;
        _live = live;
    }

    public SafeFileHandle Handle { get; }

    public string Path { get; }

    public static StagingFile Create(LocalRoot root, string name)
    {
        if (!root.Live.TryAdd(name))
            throw new InvalidOperationException($"The attempt {name} is staging already: attempts are never reused.");
        try
        {
            var path = $"{root.Staging}/{name}";
            return new StagingFile(Open(root, path, Posix.ReadWrite | Posix.Create | Posix.Exclusive), path, root.Live);
        }
        catch
        {
            root.Live.Remove(name);
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

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        Posix.Unlink(Path);
        Handle.Dispose();
        _live.Remove(System.IO.Path.GetFileName(Path));
    }
}

/// <summary>The names in staging that belong to attempts of this process: the sweep leaves them alone, however old they are.</summary>
internal sealed class LiveStages
{
    private readonly ConcurrentDictionary<string, byte> _names = new(StringComparer.Ordinal);

    public bool TryAdd(string name) => _names.TryAdd(name, 0);

    public bool Contains(string name) => _names.ContainsKey(name);

    public void Remove(string name) => _names.TryRemove(name, out _);
}
