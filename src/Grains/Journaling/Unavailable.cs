using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Journaling;

internal static class Unavailable
{
    public static Error AsError(this JournalUnavailableException exception) =>
        (exception.DiskFull ? ErrorCatalogue.StorageFull : ErrorCatalogue.DatabaseUnavailable).With(exception.Message);
}
