using System.Buffers;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Cli.Disk;

/// <summary>The bytes of a file, as they were while its stamp was this one.</summary>
internal sealed record HashedFile(DiskFile File, Digest256 Digest);

/// <summary>
/// Digests of files. BLAKE3 only: it pins the bytes, and the store computes the other digest anyway, so a second one here would cost the
/// client half its time and prove nothing more.
/// </summary>
internal sealed class FileHasher(HashCache cache)
{
    private const int BufferBytes = 1024 * 1024;

    /// <summary>Hashes again, once, when the file changed meanwhile.</summary>
    public HashedFile Hash(DiskFile file, CancellationToken cancellation)
    {
        if (cache.Find(file) is { } known) return new(file, known);
        var digest = Read(file, cancellation);
        var after = Again(file);
        if (after.Stamp != file.Stamp)
        {
            file = after;
            digest = Read(file, cancellation);
            if (Again(file).Stamp != file.Stamp)
                throw new CliFailureException(ExitCode.Failed, $"{Sentence.Printable(file.FullPath)} keeps changing while it is read");
        }
        cache.Remember(file, digest);
        return new(file, digest);
    }

    /// <summary>The file as it is now.</summary>
    public static DiskFile Again(DiskFile file) => Stat.Of(file.FullPath) is (EntryKind.File, var stamp)
        ? file with { Stamp = stamp }
        : throw new CliFailureException(ExitCode.Failed, $"{Sentence.Printable(file.FullPath)} vanished while the directory was pushed");

    private static Digest256 Read(DiskFile file, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(file.Stamp.Size, 1, BufferBytes));
        try
        {
            using var handle = File.OpenHandle(file.FullPath, options: FileOptions.SequentialScan);
            var blake3 = new Blake3();
            long offset = 0;
            int read;
            while ((read = RandomAccess.Read(handle, buffer, offset)) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                blake3.Update(buffer.AsSpan(0, read));
                offset += read;
            }
            return blake3.Finish();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CliFailureException(ExitCode.Failed, $"cannot read {Sentence.Printable(file.FullPath)}: {Sentence.Of(unreadable)}", unreadable);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
