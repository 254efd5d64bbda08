using System.Buffers;
using System.Net;

namespace ArtifactStore.Client.Transport;

/// <summary>
/// A body read from a stream in large pooled steps. Its length is promised beforehand: a source that turns out shorter breaks the request
/// instead of ending it, so that the server never takes a part for the whole.
/// </summary>
internal sealed class UploadContent(Stream source, long length, Action<int> moved) : HttpContent
{
    private const int BufferBytes = 256 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length, 1, BufferBytes));
        try
        {
            var left = length;
            while (left > 0)
            {
                var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
                if (read == 0) throw new SourceChangedException($"the source ended {left} bytes before its announced length");
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                left -= read;
                moved(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length1)
    {
        length1 = length;
        return true;
    }
}
