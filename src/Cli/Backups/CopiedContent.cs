using ArtifactStore.Cli.Output;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Cli.Backups;

/// <summary>A file on its way into the backup: both digests are computed from what is written, and nothing goes beyond the size.</summary>
internal sealed class CopiedContent(FileStream file, ContentDigests expected, Tally tally) : Stream
{
    private readonly ContentHasher _hasher = new();

    public bool IsWhole => _hasher.Size == expected.Size && _hasher.Finish() == expected;

    public long Moved => _hasher.Size;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A byte too many is damage, and is found as such without filling the disk.
        var room = (int)Math.Min(buffer.Length, expected.Size - _hasher.Size + 1);
        await file.WriteAsync(buffer[..room], cancellationToken);
        _hasher.Update(buffer.Span[..room]);
        tally.Moving(room);
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _hasher.Size;

    public override long Position
    {
        get => _hasher.Size;
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
