using System.Text;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>A text that is hashed instead of kept.</summary>
internal sealed class DigestWriter : TextWriter
{
    private readonly Blake3 _hash = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        const int charsAtOnce = 16 * 1024;
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, charsAtOnce)];
            if (_used + Encoding.UTF8.GetMaxByteCount(part.Length) > _buffer.Length) Drain();
            _used += Encoding.UTF8.GetBytes(part, _buffer.AsSpan(_used));
            buffer = buffer[part.Length..];
        }
    }

    public Digest256 Finish()
    {
        Drain();
        return _hash.Finish();
    }

    private void Drain()
    {
        _hash.Update(_buffer.AsSpan(0, _used));
        _used = 0;
    }
}
