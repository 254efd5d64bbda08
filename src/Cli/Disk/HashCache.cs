using System.Buffers.Binary;
using System.Text;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Cli.Disk;

/// <summary>
/// Digests of files by their stamps, for one directory, between two runs: pushing 10,000 unchanged files again then reads none of them.
/// Invariant: a digest is remembered only for a stamp that was settled when the file was hashed, so a stamp that still fits proves the
/// bytes as far as the file system's own bookkeeping can. Damage makes it empty, never wrong. Safe for use by many threads.
/// </summary>
/// <remarks>
/// The file: magic 8 | entries of 88 (path 16, size 8, mtime 8, ctime 8, inode 8, device 8, digest 32) | BLAKE3 of all before, 32.
/// </remarks>
internal sealed class HashCache
{
    /// <summary>Beyond this the rest is hashed again each time: about 40 MB of memory at most.</summary>
    private const int MaxEntries = 262_144;

    private const int EntryBytes = 88;
    private static ReadOnlySpan<byte> Magic => "ASHASH01"u8;

    private readonly string? _file;
    private readonly TimeProvider _clock;
    private readonly Dictionary<UInt128, (FileStamp Stamp, Digest256 Digest)> _old;
    private readonly Dictionary<UInt128, (FileStamp Stamp, Digest256 Digest)> _new = [];
    private readonly Lock _lock = new();

    private HashCache(string? file, TimeProvider clock, Dictionary<UInt128, (FileStamp, Digest256)> old)
    {
        _file = file;
        _clock = clock;
        _old = old;
    }

    /// <summary>The cache of a directory below <paramref name="stateDirectory"/>; one that remembers nothing when that is null.</summary>
    public static HashCache Open(string? stateDirectory, string root, TimeProvider clock)
    {
        if (stateDirectory is null) return new(null, clock, []);
        var name = Convert.ToHexStringLower(Blake3.Hash(Encoding.UTF8.GetBytes(Path.GetFullPath(root))).AsSpan(0, 16));
        var file = Path.Combine(stateDirectory, "hashes", name);
        return new(file, clock, Load(file));
    }

    public Digest256? Find(DiskFile file)
    {
        var key = KeyOf(file);
        if (!_old.TryGetValue(key, out var known) || known.Stamp != file.Stamp) return null;
        lock (_lock)
            _new[key] = known;
        return known.Digest;
    }

    /// <summary>To be called with a stamp that was the same before and after hashing.</summary>
    public void Remember(DiskFile file, Digest256 digest)
    {
        if (_file is null || !file.Stamp.CanBeRemembered || !file.Stamp.IsSettled(_clock)) return;
        lock (_lock)
        {
            if (_new.Count < MaxEntries) _new[KeyOf(file)] = (file.Stamp, digest);
        }
    }

    /// <summary>Keeps what this run has seen. A state directory that cannot be written costs speed only.</summary>
    public void Save()
    {
        if (_file is null || _new.Count == 0) return;
        var bytes = new byte[Magic.Length + _new.Count * EntryBytes + Digest256.Bytes];
        Magic.CopyTo(bytes);
        var at = bytes.AsSpan(Magic.Length);
        foreach (var (key, (stamp, digest)) in _new)
        {
            Write(at, key, stamp, digest);
            at = at[EntryBytes..];
        }
        Blake3.Hash(bytes.AsSpan(0, bytes.Length - Digest256.Bytes), at);
        try
        {
            StateFile.Replace(_file, bytes);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static Dictionary<UInt128, (FileStamp, Digest256)> Load(string file)
    {
        var entries = new Dictionary<UInt128, (FileStamp, Digest256)>();
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return entries;
        }
        var body = bytes.Length - Magic.Length - Digest256.Bytes;
        if (body < 0 || body % EntryBytes != 0 || !bytes.AsSpan().StartsWith(Magic)) return entries;
        if (!Blake3.Hash(bytes.AsSpan(0, bytes.Length - Digest256.Bytes)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - Digest256.Bytes))) return entries;
        for (var at = bytes.AsSpan(Magic.Length, body); !at.IsEmpty; at = at[EntryBytes..])
        {
            var stamp = new FileStamp(
                BinaryPrimitives.ReadInt64LittleEndian(at[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(at[24..]),
                BinaryPrimitives.ReadInt64LittleEndian(at[32..]),
                BinaryPrimitives.ReadUInt64LittleEndian(at[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(at[48..]));
            entries[BinaryPrimitives.ReadUInt128LittleEndian(at)] = (stamp, Digest256.FromBytes(at[56..EntryBytes]));
        }
        return entries;
    }

    private static void Write(Span<byte> at, UInt128 key, FileStamp stamp, Digest256 digest)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(at, key);
        BinaryPrimitives.WriteInt64LittleEndian(at[16..], stamp.Size);
        BinaryPrimitives.WriteInt64LittleEndian(at[24..], stamp.ModifiedNs);
        BinaryPrimitives.WriteInt64LittleEndian(at[32..], stamp.ChangedNs);
        BinaryPrimitives.WriteUInt64LittleEndian(at[40..], stamp.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(at[48..], stamp.Device);
        digest.CopyTo(at[56..]);
    }

    private static UInt128 KeyOf(DiskFile file) =>
        BinaryPrimitives.ReadUInt128LittleEndian(Blake3.Hash(Encoding.UTF8.GetBytes(file.Path.Value)));
}
