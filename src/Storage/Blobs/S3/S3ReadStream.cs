using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// Bytes of one object as they arrive, without a buffer of its own. A connection that breaks or rests too long is opened anew at the byte
/// where it stood, of the same version of the object. Invariant: it gives exactly the bytes it was opened for, or fails; it never ends early.
/// </summary>
internal sealed class S3ReadStream(S3Endpoint endpoint, string name, GetObjectResponse first, long offset, long length) : ForwardStream
{
    private const int CopyBytes = 256 * 1024;

    private readonly string? _version = first.ETag;
    private GetObjectResponse? _answer = first;
    private long _position = offset;
    private long _left = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > _left) buffer = buffer[..(int)_left];
        if (buffer.IsEmpty) return 0;
        var read = await endpoint.Call("read an object", token => ReadOnce(buffer, token), cancellationToken);
        _position += read;
        _left -= read;
        return read;
    }

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
        base.CopyToAsync(destination, (int)Math.Clamp(_left, 1, CopyBytes), cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _answer?.Dispose();
        base.Dispose(disposing);
    }

    private async Task<int> ReadOnce(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            _answer ??= await Reopen(cancellation);
            var read = await _answer.ResponseStream.ReadAsync(buffer, cancellation);
            return read > 0 ? read : throw new IOException("The connection ended before the object did.");
        }
        catch
        {
            _answer?.Dispose();
            _answer = null;
            throw;
        }
    }

    private async Task<GetObjectResponse> Reopen(CancellationToken cancellation)
    {
        var request = new GetObjectRequest
        {
            BucketName = endpoint.Bucket,
            Key = name,
            ByteRange = new ByteRange(_position, _position + _left - 1),
            EtagToMatch = _version,
        };
        try
        {
            return await endpoint.Client.GetObjectAsync(request, cancellation);
        }
        catch (AmazonS3Exception answer) when (S3Failure.IsAbsent(answer) || answer.StatusCode == System.Net.HttpStatusCode.PreconditionFailed)
        {
            throw new BlobStoreException(BlobFailure.Unavailable, $"The object {name} was deleted or replaced while it was being read.");
        }
    }
}
