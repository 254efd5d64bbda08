namespace ArtifactStore.Interfaces.Tests.Hashing;

internal sealed record Blake3Vector(int Length, byte[] Hash, byte[] KeyedHash, byte[] DeriveKey)
{
    public byte[] Input => Blake3Vectors.Pattern(Length);
}

internal static class Blake3Vectors
{
    public static ReadOnlySpan<byte> Key => "whats the Elvish word for friend"u8;
    public static ReadOnlySpan<byte> Context => "BLAKE3 2019-12-27 16:29:52 test vectors context"u8;

    public static IReadOnlyList<Blake3Vector> All { get; } = Read();

    public static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(i % 251);
        return bytes;
    }

    private static List<Blake3Vector> Read()
    {
        using var reader = new StreamReader(typeof(Blake3Vectors).Assembly.GetManifestResourceStream("blake3-vectors.txt")!);
        var vectors = new List<Blake3Vector>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var parts = line.Split(' ');
            vectors.Add(new Blake3Vector(
                int.Parse(parts[0]), Convert.FromHexString(parts[1]), Convert.FromHexString(parts[2]), Convert.FromHexString(parts[3])));
        }
        return vectors;
    }
}
