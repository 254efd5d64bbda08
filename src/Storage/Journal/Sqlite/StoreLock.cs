namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>One process owns a SQLite store. The operating system lets the lock go with the process, however it ends.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    public static StoreLock Take(string databasePath)
    {
        var path = databasePath + ".lock";
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix.
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new StoreInUseException($"another process has the store {databasePath} open (lock file {path})", e);
        }
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>The store is open in another process. The message is one sentence for the operator.</summary>
public sealed class StoreInUseException(string message, Exception? inner = null) : Exception(message, inner);
