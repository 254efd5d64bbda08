using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Journaling;

internal static class Unavailable
{
    public static Error AsError(this JournalUnavailableException exception)
    {
        var kind = exception.DiskFull ? ErrorCatalogue.StorageFull
            : exception.Overloaded ? ErrorCatalogue.Overloaded
            : ErrorCatalogue.DatabaseUnavailable;
        return kind.With(exception.Message);
    }
}
