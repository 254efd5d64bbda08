namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// Takes whole data items from a stream, one at a time, holding no more than the largest of them. Broken bytes are a
/// <see cref="FormatException"/>.
/// </summary>
internal sealed class CborStreamReader(Stream source, int maxItemBytes)
{
    private const int FirstBufferBytes = 64 * 1024;

    private byte[] _buffer = new byte[Math.Min(FirstBufferBytes, Math.Max(maxItemBytes, CborHead.MaxLength))];
    private int _start;
    private int _end;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    public async ValueTask<CborHead> PeekHeadAsync(CancellationToken cancel)
    {
        while (true)
        {
            var fault = CborHead.TryRead(_buffer.AsSpan(_start, _end - _start), out var head);
            if (fault == CborFault.None)
                return head;
            if (fault != CborFault.Truncated || !await FillAsync(cancel))
                throw Broken(fault);
        }
    }

    public async ValueTask<CborHead> TakeHeadAsync(CancellationToken cancel)
    {
        var head = await PeekHeadAsync(cancel);
        Advance(head.Length);
        return head;
    }

    /// <summary>The next item's bytes, valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> TakeItemAsync(CancellationToken cancel)
    {
        while (true)
        {
            var fault = CborItem.TryMeasure(_buffer.AsSpan(_start, _end - _start), out var length);
            if (fault == CborFault.None)
            {
                if (length > maxItemBytes)
                    throw TooLarge();
                var item = _buffer.AsMemory(_start, length);
                Advance(length);
                return item;
            }

            if (fault != CborFault.Truncated || !await FillAsync(cancel))
                throw Broken(fault);
        }
    }

    public async ValueTask<bool> AtEndAsync(CancellationToken cancel) => _start == _end && !await FillAsync(cancel);

    private void Advance(int length)
    {
        _start += length;
        Position += length;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= maxItemBytes)
                throw TooLarge();
            Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, maxItemBytes));
        }

        var read = await source.ReadAsync(_buffer.AsMemory(_end), cancel);
        _end += read;
        return read > 0;
    }

    private FormatException Broken(CborFault fault) => new($"Broken CBOR at byte {Position}: {CborHead.Describe(fault)}.");

    private FormatException TooLarge() => new($"The item at byte {Position} is larger than {maxItemBytes} bytes.");
}
