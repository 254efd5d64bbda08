using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// Removes what the dead left in staging. Invariant: nothing of a node that lives is touched, save what this node itself uses no more. What
/// lies in staging without a node's directory is of a version that had none, and of a process that has ended.
/// </summary>
internal sealed class StageSweep(LocalRoot root, SystemCallThreads threads)
{
    public async Task<int> Run(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation)
    {
        var (strays, nodes) = await threads.Run(LookUp, cancellation);
        // Asked after looking, never before: see the port.
        var alive = await living(cancellation);
        return await threads.Run(() => Remove(strays, nodes, alive, cancellation), cancellation);
    }

    private (List<string> Strays, List<NodeId> Nodes) LookUp()
    {
        root.Prepare();
        root.RestoreStaging();
        var nodes = new List<NodeId>();
        foreach (var directory in Directory.EnumerateDirectories(root.Stages))
        {
            if (NodeId.TryParse(Path.GetFileName(directory.AsSpan()), out var node)) nodes.Add(node);
        }
        return ([.. Directory.EnumerateFiles(root.Stages)], nodes);
    }

    private int Remove(List<string> strays, List<NodeId> nodes, IReadOnlySet<NodeId> living, CancellationToken cancellation)
    {
        var removed = strays.Count(path => Posix.Unlink(path) == 0);
        foreach (var node in nodes)
        {
            if (node == root.Node || living.Contains(node)) continue;
            var directory = $"{root.Stages}/{node}";
            removed += RemoveFiles(directory, _ => true, cancellation);
            // Not empty: the node was frozen, goes on, and has just staged again. The next sweep knows better.
            Posix.RemoveDirectory(directory);
        }
        return removed + RemoveFiles(root.Staging, path => !root.Live.Contains(Path.GetFileName(path)), cancellation);
    }

    private static int RemoveFiles(string directory, Func<string, bool> mayGo, CancellationToken cancellation)
    {
        var removed = 0;
        try
        {
            foreach (var path in Directory.EnumerateFiles(directory))
            {
                cancellation.ThrowIfCancellationRequested();
                if (mayGo(path) && Posix.Unlink(path) == 0) removed++;
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Another node sweeps as well.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BlobStoreException(BlobFailure.Unavailable, $"Cannot sweep {directory}: {failure.Message}", failure);
        }
        return removed;
    }
}
