using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>A source and the hash of what was read from it. Reads are in slices that both hashes find in the caches.</summary>
internal sealed class S3Body(Stream source, TwoLaneHasher lanes)
{
    /// <summary>Reads until the buffer is full or the source ends.</summary>
    public async ValueTask<int> Fill(Memory<byte> buffer, CancellationToken cancellation)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            var slice = buffer.Slice(length, Math.Min(TwoLaneHasher.BestBufferBytes, buffer.Length - length));
            var read = await source.ReadAtLeastAsync(slice, slice.Length, throwOnEndOfStream: false, cancellation);
            await lanes.UpdateAsync(slice[..read]);
            length += read;
            if (read < slice.Length) break;
        }
        return length;
    }

    /// <summary>As much as the source has ready.</summary>
    public async ValueTask<int> Read(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = await source.ReadAsync(buffer, cancellation);
        await lanes.UpdateAsync(buffer[..read]);
        return read;
    }

    public async ValueTask Hash(ReadOnlyMemory<byte> bytes)
    {
        for (var offset = 0; offset < bytes.Length; offset += TwoLaneHasher.BestBufferBytes)
            await lanes.UpdateAsync(bytes.Slice(offset, Math.Min(TwoLaneHasher.BestBufferBytes, bytes.Length - offset)));
    }

    public ContentDigests Finish() => lanes.Hasher.Finish();
}

/// <summary>
/// The body of a put that streams: the bytes that were read already, then the source, exactly as many as were announced. The endpoint is
/// given up on when it takes nothing for a while; the source may be as slow as it is, its reader has limits of its own.
/// </summary>
internal sealed class S3BodyStream(ReadOnlyMemory<byte> first, S3Body body, long announced, CancellationTokenSource put, TimeSpan patience)
    : ForwardStream
{
    private ReadOnlyMemory<byte> _first = first;
    private long _position;

    /// <summary>The put failed because the source did.</summary>
    public Exception? SourceFailure { get; private set; }

    public override long Length => announced;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > announced - _position) buffer = buffer[..(int)(announced - _position)];
        var read = Math.Min(buffer.Length, _first.Length);
        if (read > 0)
        {
            _first[..read].CopyTo(buffer);
            _first = _first[read..];
        }
        else if (buffer.Length > 0)
        {
            put.CancelAfter(Timeout.InfiniteTimeSpan);
            read = await ReadSource(buffer, cancellationToken);
        }
        _position += read;
        put.CancelAfter(patience);
        return read;
    }

    /// <summary>What was announced must be what came: more would be cut off silently.</summary>
    public async Task RequireEnd(CancellationToken cancellation)
    {
        if (await body.Read(new byte[1], cancellation) > 0) throw new IOException($"The body is longer than the {announced} bytes that were announced.");
    }

    private async ValueTask<int> ReadSource(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            var read = await body.Read(buffer, cancellation);
            return read > 0 ? read : throw new EndOfStreamException($"The body ended after {_position} of the {announced} bytes that were announced.");
        }
        catch (Exception failure) when (!put.IsCancellationRequested || failure is not OperationCanceledException)
        {
            SourceFailure = failure;
            throw;
        }
    }
}
