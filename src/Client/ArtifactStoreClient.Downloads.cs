using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using ArtifactStore.Client.Transport;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>Bytes on their way out, verified while they flow.</summary>
public sealed partial class ArtifactStoreClient
{
    private const int DownloadBufferBytes = 256 * 1024;

    /// <summary>Writes the content to <paramref name="destination"/> and returns only when every byte is proved.</summary>
    public async Task DownloadAsync(
        ContentAddress address, Stream destination, Action<int>? moved = null, CancellationToken cancellation = default)
    {
        using var received = new VerifiedDownload(address, destination);
        await DownloadAsync(received, moved, cancellation);
    }

    /// <summary>Goes on after what <paramref name="received"/> holds already. A broken connection is taken up where it broke.</summary>
    public async Task DownloadAsync(VerifiedDownload received, Action<int>? moved = null, CancellationToken cancellation = default)
    {
        var failedAttempts = 0;
        while (true)
        {
            var before = received.Length;
            try
            {
                await Continue(received, moved, cancellation);
                received.Verify();
                return;
            }
            catch (ArtifactStoreException broken)
            {
                // Progress winds the patience up again: a long download over a bad line ends, however often it breaks.
                failedAttempts = received.Length > before ? 1 : failedAttempts + 1;
                if (!_connection.MayRepeat(broken, failedAttempts)) throw;
                await _connection.WaitAfter(broken, failedAttempts, cancellation);
            }
        }
    }

    private async Task Continue(VerifiedDownload received, Action<int>? moved, CancellationToken cancellation)
    {
        var start = received.Length;
        var call = new Call(HttpMethod.Get, $"contents/{received.Address}")
        {
            Prepare = request => request.Headers.Range = start > 0 ? new RangeHeaderValue(start, null) : null,
        };
        using var timer = _connection.TimerFor(call, cancellation);
        try
        {
            await _connection.Once(
                call,
                timer,
                async (response, token) =>
                {
                    await Copy(response, start, received, timer, moved, token);
                    return true;
                });
        }
        catch (ArtifactStoreException nothingLeft) when (start > 0 && nothingLeft.Status == (int)HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // Everything was here already: verification decides.
        }
    }

    private static async Task Copy(
        HttpResponseMessage response, long start, VerifiedDownload received, StallTimer timer, Action<int>? moved, CancellationToken token)
    {
        // A server may ignore a range: then what we hold passes by once more.
        var skip = response.StatusCode == HttpStatusCode.PartialContent ? 0 : start;
        if (skip == 0 && start > 0 && response.Content.Headers.ContentRange?.From != start)
            throw new ArtifactStoreException(StoreFailure.NotAStore, "the server answered another range than the one asked for");

        var buffer = ArrayPool<byte>.Shared.Rent(DownloadBufferBytes);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(token);
            int read;
            while ((read = await body.ReadAsync(buffer, token)) > 0)
            {
                timer.Moved();
                var skipped = (int)Math.Min(skip, read);
                skip -= skipped;
                await received.Append(buffer.AsMemory(skipped, read - skipped), token);
                moved?.Invoke(read - skipped);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
