using System.Runtime.InteropServices;

namespace ArtifactStore.Cli.Disk;

/// <summary>
/// What a file system says about a file without reading it. Two equal stamps mean unchanged bytes, with one exception that every user of
/// <see cref="IsSettled"/> excludes: a write within the clock tick of the one before leaves the stamp as it was.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStamp(long Size, long ModifiedNs, long ChangedNs, ulong Inode, ulong Device)
{
    /// <summary>Coarser than any file system's clock tick in use (FAT: 2 s).</summary>
    private const long SettledAfterNs = 2_500_000_000;

    /// <summary>False where the system shows no change time; such stamps detect changes but are not remembered between runs.</summary>
    public bool CanBeRemembered => ChangedNs != 0;

    /// <summary>True when the file has not changed for long enough that another change would show.</summary>
    public bool IsSettled(TimeProvider clock)
    {
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        return nowNs - Math.Max(ModifiedNs, ChangedNs) > SettledAfterNs;
    }
}

internal enum EntryKind
{
    File = 1,
    Directory = 2,
    SymbolicLink = 3,

    /// <summary>A pipe, a socket, a device: reading it could wait for ever.</summary>
    Special = 4,
}

/// <summary>Looks at one entry of the file system, never through a link.</summary>
internal static partial class Stat
{
    private const int AtFdCwd = -100;
    private const int SymlinkNoFollow = 0x100;
    private const uint BasicStats = 0x7ff;
    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    /// <summary>Null when there is nothing at the path.</summary>
    public static (EntryKind Kind, FileStamp Stamp)? Of(string path) => OperatingSystem.IsLinux() ? Linux(path) : Portable(path);

    private static (EntryKind, FileStamp)? Linux(string path)
    {
        if (StatX(AtFdCwd, path, SymlinkNoFollow, BasicStats, out var entry) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is NoEntry or NotDirectory) return null;
            throw new IOException($"cannot look at {path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        var kind = (entry.Mode & 0xf000) switch
        {
            0x8000 => EntryKind.File,
            0x4000 => EntryKind.Directory,
            0xa000 => EntryKind.SymbolicLink,
            _ => EntryKind.Special,
        };
        var device = ((ulong)entry.DeviceMajor << 32) | entry.DeviceMinor;
        return (kind, new((long)entry.Size, entry.Modified.Nanoseconds, entry.Changed.Nanoseconds, entry.Inode, device));
    }

    private static (EntryKind, FileStamp)? Portable(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null) return (EntryKind.SymbolicLink, default);
        if (Directory.Exists(path)) return (EntryKind.Directory, default);
        if (!file.Exists) return null;
        var modified = (file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100;
        return (file.Attributes.HasFlag(FileAttributes.Device) ? EntryKind.Special : EntryKind.File, new(file.Length, modified, 0, 0, 0));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, out StatXBuffer entry);

    /// <summary>struct statx of linux/stat.h: the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatXBuffer
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(96)] public StatXTime Changed;
        [FieldOffset(112)] public StatXTime Modified;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StatXTime
    {
        public long Seconds;
        public uint Fraction;
        public int Reserved;

        public readonly long Nanoseconds => Seconds * 1_000_000_000 + Fraction;
    }
}
