using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// Walks the tree in the order of keys, holding one directory per level in memory. A directory sorts as its name with a slash, which is
/// how its keys begin: <c>a.b</c> comes before <c>a/b</c>.
/// </summary>
internal sealed class LocalListing(LocalRoot root, SystemCallThreads threads)
{
    private readonly record struct Entry(string Name, bool IsDirectory, long Size);

    public async IAsyncEnumerable<BlobListing> List(string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await threads.Run(root.Prepare, cancellation);
        var levels = new Stack<(string Prefix, Queue<Entry> Entries)>();
        levels.Push(("", await Read("", after, cancellation)));
        while (levels.TryPeek(out var level))
        {
            if (!level.Entries.TryDequeue(out var entry))
            {
                levels.Pop();
                continue;
            }
            var key = level.Prefix + entry.Name;
            if (entry.IsDirectory) levels.Push((key, await Read(key, after, cancellation)));
            else yield return new BlobListing(key, entry.Size);
        }
        // A disk that vanished half-way would make the rest look absent.
        root.RequirePresent();
    }

    private Task<Queue<Entry>> Read(string prefix, string? after, CancellationToken cancellation) => threads.Run(
        () =>
        {
            try
            {
                return new Queue<Entry>(Entries(prefix, after).OrderBy(entry => entry.Name, StringComparer.Ordinal));
            }
            catch (DirectoryNotFoundException)
            {
                root.RequirePresent();
                return new Queue<Entry>();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new BlobStoreException(BlobFailure.Unavailable, $"Cannot list {root.Path}/{prefix}: {failure.Message}", failure);
            }
        },
        cancellation);

    private FileSystemEnumerable<Entry> Entries(string prefix, string? after) => new(
        $"{root.Path}/{prefix}",
        (ref FileSystemEntry entry) => new Entry(
            entry.IsDirectory ? $"{entry.FileName}/" : entry.FileName.ToString(),
            entry.IsDirectory,
            entry.IsDirectory ? 0 : entry.Length),
        new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => IsOurs(ref entry, prefix) && IsAfter(ref entry, prefix, after),
    };

    private static bool IsOurs(ref FileSystemEntry entry, string prefix)
    {
        if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint) || !BlobKey.IsValid(entry.FileName)) return false;
        return prefix.Length > 0 || !LocalRoot.IsReserved(entry.FileName.ToString());
    }

    /// <summary>Leaves out what ends before the key to continue after; a directory is kept when it may hold later keys.</summary>
    private static bool IsAfter(ref FileSystemEntry entry, string prefix, string? after)
    {
        if (after is null) return true;
        var key = entry.IsDirectory ? $"{prefix}{entry.FileName}/" : $"{prefix}{entry.FileName}";
        return string.CompareOrdinal(key, after) > 0 || (entry.IsDirectory && after.StartsWith(key, StringComparison.Ordinal));
    }
}
