using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Storage.Journal;

/// <summary>
/// An open store, whatever database it lies in: the truth, the questions to its views, the others who work on it, the operator's work.
/// Disposing answers what was taken, then closes.
/// </summary>
public interface IStoreDatabase : IAsyncDisposable
{
    IJournal Journal { get; }

    IViews Views { get; }

    ICollectionViews Collection { get; }

    IPlanViews Plans { get; }

    IKeepingViews Keeping { get; }

    INodes Nodes { get; }

    IMaintenance Maintenance { get; }

    /// <summary>The schema version that was found when it was opened; 0 when the store was created then.</summary>
    int MigratedFrom { get; }
}
