using ArtifactStore.Cli;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.Silo.Verbs;

/// <summary>What the store's parts throw when something is broken or in use carries its sentence already; a verb only has to say it.</summary>
internal static class StoreErrors
{
    public static async Task<T> Told<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception known) when (known is SettingsException or BlobStoreException or StoreInUseException or InvalidDataException
            or JournalUnavailableException or DamagedLogException)
        {
            throw new CliFailureException(ExitCode.Failed, known.Message.TrimEnd('.'), known);
        }
    }
}
