using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Gateway.Shared;

/// <summary>Reads what an async iterator makes, as it makes it. A chunk is valid until the next one is asked for.</summary>
internal sealed class ChunkedStream(IAsyncEnumerable<ReadOnlyMemory<byte>> chunks) : ForwardStream
{
    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> _source = chunks.GetAsyncEnumerator();
    private ReadOnlyMemory<byte> _rest;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await _source.MoveNextAsync()) return 0;
            _rest = _source.Current;
        }
        var count = Math.Min(_rest.Length, buffer.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await base.DisposeAsync();
    }
}
