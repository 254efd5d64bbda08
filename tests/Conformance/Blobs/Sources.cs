namespace ArtifactStore.Conformance.Blobs;

/// <summary>Bodies as clients send them: in drips, cut off, or until somebody gives up.</summary>
public static class Sources
{
    /// <summary>Bytes that differ from one seed to the next and do not compress.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Gives at most so many bytes a read.</summary>
    public static Stream Dripping(byte[] bytes, int bytesPerRead) => new Scripted(bytes, bytesPerRead, () => { });

    /// <summary>Gives all bytes, then fails instead of ending: what a body cut off in the middle looks like.</summary>
    public static Stream CutOff(byte[] bytes) => new Scripted(bytes, 50_000, () => throw new IOException("The client went away."));

    /// <summary>The same, but it fails only once something has happened.</summary>
    public static Stream CutOffAfter(byte[] bytes, Func<bool> happened) => new Scripted(bytes, 50_000, () =>
    {
        if (!SpinWait.SpinUntil(happened, TimeSpan.FromSeconds(20))) throw new TimeoutException("It did not happen in 20 s.");
        throw new IOException("The client went away.");
    });

    /// <summary>Gives all bytes, then runs the action (a cancellation), then waits until it is cancelled.</summary>
    public static Stream Stalling(byte[] bytes, Action stalled) => new Scripted(bytes, 50_000, stalled, waits: true);

    private sealed class Scripted(byte[] bytes, int bytesPerRead, Action atEnd, bool waits = false) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => throw new NotSupportedException("Bodies are read asynchronously.");

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var count = (int)Math.Min(Math.Min(buffer.Length, bytesPerRead), Length - Position);
            if (count > 0) return base.Read(buffer.Span[..count]);
            atEnd();
            // A source that stalls: only the cancellation ends it.
            if (waits) await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
