using ArtifactStore.Storage.Journal.Projections;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>The keys of a batch that was just decided: its facts hold them all, those that the batch itself created included.</summary>
internal sealed class StateKeys(BatchState state) : IViewKeys
{
    public void PackageCreated(PackageRef package, long sequence)
    {
        // Deciding did it.
    }

    public long? Package(PackageRef package) => state.Packages[package]?.Key;

    public long? Content(ContentRef content) => state.ContentKeys[content];

    public void ReferencesGo()
    {
        // The real tables have their indexes.
    }

    public long ContentOrNew(ContentRef content, long sequence) => state.ContentKeys[content] ?? sequence;
}
