using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Which file the store was opened on. SQLite goes on happily after its file was deleted or replaced, on bytes that nobody will ever find
/// again: an answer given then would be a lost write. So every transaction looks first, at the price of one stat.
/// </summary>
internal sealed class DatabaseFile
{
    private readonly string _path;
    private readonly ulong _inode;

    public DatabaseFile(string path)
    {
        _path = path;
        _inode = Inode() ?? throw new JournalUnavailableException($"the database {path} cannot be looked at");
    }

    /// <exception cref="JournalUnavailableException">The file is gone, or another one lies in its place.</exception>
    public void Require()
    {
        if (!OperatingSystem.IsLinux()) return;
        var now = Inode();
        if (now is null) throw new JournalUnavailableException($"the database {_path} is gone: it was deleted under the running store");
        if (now != _inode) throw new JournalUnavailableException($"the database {_path} was replaced under the running store; restart it");
    }

    private ulong? Inode()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        return Posix.Stat(_path, out var status) == 0 ? status.Inode : null;
    }
}
