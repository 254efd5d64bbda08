using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ArtifactStore.Storage.Native;

/// <summary>
/// The system calls that the framework does not offer, or offers without saying which error they gave: a full disk, an occupied name and a
/// missing root must not look alike. Every call answers with the error number, 0 when it succeeded. Linux only.
/// </summary>
internal static partial class Posix
{
    public const int Eperm = 1, Enoent = 2, Eexist = 17, Enotdir = 20, Eisdir = 21, Enospc = 28, Edquot = 122;
    private const int Eintr = 4;

    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Exclusive = 0x80;

    // The four flags whose numbers differ between processors come in two families.
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    public static readonly int DirectoryOnly = Arm ? 0x4000 : 0x10000;
    public static readonly int NoFollow = Arm ? 0x8000 : 0x20000;
    public static readonly int Unnamed = 0x400000 | DirectoryOnly;

    private const int CloseOnExec = 0x80000;
    private const int AtCurrentDirectory = -100, AtFollow = 0x400, AtNoFollow = 0x100, AtEmptyPath = 0x1000;
    private const uint RangeWrite = 2;
    private const int AdviseSequential = 2;
    private const ushort TypeMask = 0xF000, RegularType = 0x8000, DirectoryType = 0x4000;

    /// <summary>What <c>statx</c> tells; its layout is the same on every processor, which that of <c>stat</c> is not.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct Status
    {
        [FieldOffset(28)] private readonly ushort _mode;
        [FieldOffset(32)] public readonly ulong Inode;
        [FieldOffset(40)] public readonly long Size;
        [FieldOffset(136)] public readonly ulong Device;

        public readonly bool IsFile => (_mode & TypeMask) == RegularType;

        public readonly bool IsDirectory => (_mode & TypeMask) == DirectoryType;
    }

    public static int Open(string path, int flags, int mode, out SafeFileHandle handle)
    {
        int descriptor, error;
        do
        {
            descriptor = OpenCall(path, flags | CloseOnExec, mode);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == Eintr);
        handle = new SafeFileHandle(descriptor, ownsHandle: descriptor >= 0);
        return error;
    }

    public static int Read(SafeFileHandle file, Span<byte> destination, long offset, out int read)
    {
        while (true)
        {
            var count = ReadCall(file, destination, (nuint)destination.Length, offset);
            read = (int)count;
            if (count >= 0) return 0;
            var error = Marshal.GetLastPInvokeError();
            if (error != Eintr) return error;
        }
    }

    /// <summary>Writes all of it, or says why not.</summary>
    public static int Write(SafeFileHandle file, ReadOnlySpan<byte> source, long offset)
    {
        while (!source.IsEmpty)
        {
            var count = WriteCall(file, source, (nuint)source.Length, offset);
            if (count >= 0)
            {
                source = source[(int)count..];
                offset += count;
                continue;
            }
            var error = Marshal.GetLastPInvokeError();
            if (error != Eintr) return error;
        }
        return 0;
    }

    public static int Sync(SafeFileHandle file)
    {
        int error;
        do error = SyncCall(file) == 0 ? 0 : Marshal.GetLastPInvokeError();
        while (error == Eintr);
        return error;
    }

    /// <summary>Asks the kernel to begin writing a range; it is advice, so its failure shows in the later sync.</summary>
    public static void BeginWriting(SafeFileHandle file, long offset, long length) => SyncRangeCall(file, offset, length, RangeWrite);

    public static void AdviseSequentialReading(SafeFileHandle file) => AdviseCall(file, 0, 0, AdviseSequential);

    public static int Link(string existing, string name) => Answer(LinkCall(existing, name));

    /// <summary>Gives a name to an open file that may have none.</summary>
    public static int Link(SafeFileHandle file, string name) =>
        Answer(LinkAtCall(AtCurrentDirectory, $"/proc/self/fd/{file.DangerousGetHandle()}", AtCurrentDirectory, name, AtFollow));

    public static int Unlink(string path) => Answer(UnlinkCall(path));

    public static int MakeDirectory(string path, int mode) => Answer(MakeDirectoryCall(path, mode));

    public static int RemoveDirectory(string path) => Answer(RemoveDirectoryCall(path));

    public static int Stat(string path, out Status status) => Answer(StatCall(AtCurrentDirectory, path, AtNoFollow, 0x7FF, out status));

    public static int Stat(SafeFileHandle file, out Status status) =>
        Answer(StatCall((int)file.DangerousGetHandle(), "", AtEmptyPath, 0x7FF, out status));

    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static int Answer(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadCall(SafeFileHandle file, Span<byte> buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteCall(SafeFileHandle file, ReadOnlySpan<byte> buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncCall(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncRangeCall(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int AdviseCall(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkCall(string existing, string name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAtCall(int existingDirectory, string existing, int directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkCall(string path);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectoryCall(string path, int mode);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveDirectoryCall(string path);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatCall(int directory, string path, int flags, uint mask, out Status status);
}
