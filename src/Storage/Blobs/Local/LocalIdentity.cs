using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// Says whose bytes a root holds (<see cref="IdentityDocument"/>). It is written whole or not at all, and never over another one.
/// </summary>
internal sealed class LocalIdentity(LocalRoot root)
{
    public BackendIdentity Claim(BackendIdentity identity, bool holdsBytes)
    {
        if (holdsBytes && !File.Exists(root.Identity))
            throw Foreign($"has no {LocalRoot.IdentityName}, yet the log says that bytes lie there; perhaps its disk is not mounted");
        root.Prepare();
        var found = Read();
        if (found is null)
        {
            RequireEmpty();
            Write(identity);
            found = Read() ?? throw Foreign("does not keep what is written to it");
        }
        root.MarkClaimed();
        if (found == identity) return found;
        if (found.StoreId == identity.StoreId)
        {
            throw Foreign(
                $"is of incarnation {found.Incarnation} of store {found.StoreId:D}, and the database of incarnation {identity.Incarnation}: "
                + "name the root that was restored together with this database");
        }
        throw Foreign(
            $"belongs to store {found.StoreId:D}, incarnation {found.Incarnation}, "
            + $"and not to {identity.StoreId:D}, incarnation {identity.Incarnation}");
    }

    private BackendIdentity? Read()
    {
        var error = Posix.Open(root.Identity, Posix.ReadOnly | Posix.NoFollow, 0, out var file);
        if (error == Posix.Enoent)
        {
            root.RequirePresent();
            return null;
        }
        LocalRoot.Check(error, "open", root.Identity);
        using (file)
        {
            var bytes = new byte[IdentityDocument.MaxBytes];
            LocalRoot.Check(Posix.Read(file, bytes, 0, out var read), "read", root.Identity);
            return Parse(bytes.AsMemory(0, read));
        }
    }

    private BackendIdentity Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return IdentityDocument.Parse(bytes);
        }
        catch (FormatException malformed)
        {
            throw Foreign($"carries a {LocalRoot.IdentityName} {malformed.Message}", malformed);
        }
    }

    private void RequireEmpty()
    {
        var names = Directory.EnumerateFileSystemEntries(root.Path).Select(path => Path.GetFileName(path));
        var stranger = names.FirstOrDefault(name => !LocalRoot.IsReserved(name));
        if (stranger is not null) throw Foreign($"has no {LocalRoot.IdentityName}, yet it holds '{stranger}'");
    }

    private void Write(BackendIdentity identity)
    {
        var stage = new MemoryStage(root, new AttemptId(identity.StoreId), default, IdentityDocument.Encode(identity));
        using var file = stage.MakeDurable();
        var error = file.LinkTo(root.Identity);
        // Another process may have been faster; whose it is now is read again.
        if (error != Posix.Eexist) LocalRoot.Check(error, "link", root.Identity);
        root.SyncDirectory(root.Path);
    }

    private BlobStoreException Foreign(string what, Exception? inner = null) =>
        new(BlobFailure.Foreign, $"The storage root {root.Path} {what}. Nothing was touched; check the root and the database.", inner);
}
