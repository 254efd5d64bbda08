using System.Security.Cryptography;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>
/// The received part of a content: every byte is hashed on its way to the destination. Invariant: <see cref="Verify"/> returns only when
/// the bytes are those of the address.
/// </summary>
public sealed class VerifiedDownload : IDisposable
{
    private readonly Stream _destination;
    private readonly Blake3? _blake3;
    private readonly IncrementalHash? _sha256;

    private readonly long _size;

    /// <param name="address">What the bytes must be.</param>
    /// <param name="destination">Where they go; stays open.</param>
    /// <param name="size">How many there must be, when that is known: more are cut off at once instead of filling a disk.</param>
    public VerifiedDownload(ContentAddress address, Stream destination, long size = long.MaxValue)
    {
        Address = address;
        _size = size;
        _destination = destination;
        if (address.Algorithm == DigestAlgorithm.Sha256) _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        else _blake3 = new();
    }

    public ContentAddress Address { get; }

    public long Length { get; private set; }

    /// <summary>Takes bytes that the destination holds already, from an earlier attempt.</summary>
    public void Recall(ReadOnlySpan<byte> bytes)
    {
        _blake3?.Update(bytes);
        _sha256?.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <exception cref="DestinationException">The destination did not take the bytes; asking the server again would not help.</exception>
    public async Task Append(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.IsEmpty) return;
        if (bytes.Length > _size - Length)
            throw new ArtifactStoreException(StoreFailure.VerificationFailed, $"more than the {_size} bytes of {Address} were sent");
        try
        {
            await _destination.WriteAsync(bytes, cancellation);
        }
        catch (IOException failure)
        {
            throw new DestinationException(failure.Message, failure);
        }
        Recall(bytes.Span);
    }

    /// <exception cref="ArtifactStoreException">Of kind <see cref="StoreFailure.VerificationFailed"/>.</exception>
    public void Verify()
    {
        var actual = _blake3 is { } blake3
            ? ContentAddress.Blake3(blake3.Finish())
            : ContentAddress.Sha256(Digest256.FromBytes(_sha256!.GetCurrentHash()));
        if (actual != Address)
            throw new ArtifactStoreException(StoreFailure.VerificationFailed, $"the bytes received are {actual}, but should be {Address}");
    }

    public void Dispose() => _sha256?.Dispose();
}

/// <summary>
/// The place where bytes should go refused them: a full disk, a missing right. Not an <see cref="IOException"/>: those are the network's.
/// </summary>
public sealed class DestinationException(string message, Exception inner) : Exception(message, inner);
