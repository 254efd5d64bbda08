using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ArtifactStore.Benchmarks.Load;

/// <summary>Bytes that nobody has seen before: the store would recognise others, and answer without writing.</summary>
internal static class Bytes
{
    private const int ChunkBytes = 1 << 20;
    private static readonly byte[] Salt = RandomNumberGenerator.GetBytes(16);
    private static long stamps;

    /// <summary>Makes the first bytes of a buffer new.</summary>
    public static void Stamp(Span<byte> bytes)
    {
        Salt.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[Salt.Length..], Interlocked.Increment(ref stamps));
    }

    /// <summary>Makes the content of a file new, touching one page of it.</summary>
    public static void Stamp(string file)
    {
        var stamp = new byte[Salt.Length + sizeof(long)];
        Stamp(stamp);
        using var stream = File.OpenWrite(file);
        stream.Write(stamp);
    }

    public static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string RandomFile(string folder, long length)
    {
        var file = Path.Combine(folder, "random");
        var random = new Random(1);
        var chunk = new byte[ChunkBytes];
        using var stream = File.Create(file);
        for (var left = length; left > 0; left -= chunk.Length)
        {
            random.NextBytes(chunk);
            stream.Write(chunk, 0, (int)Math.Min(left, chunk.Length));
        }
        return file;
    }

    public static string Sha256(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, ChunkBytes);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
