using System.Runtime.InteropServices;

namespace ArtifactStore.Cli.Backups;

/// <summary>Files that are whole or not there, also after a power cut: written aside, synced, renamed, and the directory synced.</summary>
internal static partial class DurableFiles
{
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private const UnixFileMode DirectoryMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    private const int BufferBytes = 256 * 1024;
    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>The log names people and subjects: it is not for everybody on the machine.</summary>
    public static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, DirectoryMode);
    }

    /// <summary>An empty file to write into; what was there is gone.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = System.IO.FileMode.Create, Access = FileAccess.Write, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileMode;
        return new(path, options);
    }

    /// <summary>Makes the bytes durable before the file gets its name; the caller syncs the directory.</summary>
    public static void Publish(FileStream file, string path)
    {
        file.Flush(flushToDisk: true);
        var from = file.Name;
        file.Dispose();
        File.Move(from, path, overwrite: true);
    }

    /// <summary>Whatever was renamed into the directory keeps its name from now on.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = Open(path, ReadOnlyDirectory, 0);
        if (handle < 0) throw Failure(path);
        try
        {
            if (Sync(handle) != 0) throw Failure(path);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    /// <summary>
    /// Everything that was written to the file system of this directory, names included: one call for a hundred thousand directories,
    /// those of earlier runs among them that did not live to sync theirs. Linux only; elsewhere the system's own pace decides.
    /// </summary>
    public static void SyncFileSystem(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        var handle = Open(path, ReadOnlyDirectory, 0);
        if (handle < 0) throw Failure(path);
        try
        {
            if (SyncAll(handle) != 0) throw Failure(path);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static IOException Failure(string path) =>
        new($"cannot make {path} durable: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncAll(int file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
