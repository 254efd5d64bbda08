using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>The memory of a process is looked at, so nothing else may run in it meanwhile.</summary>
[CollectionDefinition(nameof(S3MemoryTests), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(S3MemoryTests))]
public sealed class S3MemoryTests
{
    private const string Key = "blake3/ab/cd/abcd";
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task Memory_is_that_of_the_parts_in_flight_whatever_the_size()
    {
        const long size = 384L * Mebibyte;
        await using var bucket = await S3Bucket.Create();
        var store = bucket.Store(bucket.Options() with { MultipartChunkBytes = 8 * Mebibyte, PartsInFlight = 4 });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var source = new Endless(size);
        await using (var staged = await store.Stage(new AttemptId(S3Bucket.NextId()), source, null))
        {
            Assert.Equal(size, staged.Digests.Size);
            await store.Promote(staged, Key);
        }
        var most = source.MostMemory - before;
        // Five buffers of 8 MiB and what the garbage collector has not got round to.
        Assert.True(most < 96 * Mebibyte, $"{most / Mebibyte} MiB were in use");

        var reading = (await store.Open(Key))!;
        before = GC.GetTotalMemory(forceFullCollection: true);
        var buffer = new byte[Mebibyte];
        long total = 0, highest = 0;
        int read;
        while ((read = await reading.ReadAsync(buffer)) > 0)
        {
            total += read;
            highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: false));
        }
        await reading.DisposeAsync();
        Assert.Equal(size, total);
        Assert.True(highest - before < 64 * Mebibyte, $"{(highest - before) / Mebibyte} MiB were in use");
    }

    /// <summary>Bytes that exist only while they are read, and a look at the memory whenever some are.</summary>
    private sealed class Endless(long size) : MemoryStream
    {
        private long _left = size;

        public long MostMemory { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            MostMemory = Math.Max(MostMemory, GC.GetTotalMemory(forceFullCollection: false));
            var count = (int)Math.Min(buffer.Length, _left);
            buffer.Span[..count].Fill((byte)(_left >> 20));
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
