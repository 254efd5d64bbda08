using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Grains.Tests.Journaling;

/// <summary>The journal that the grains are tested on is one.</summary>
public sealed class InMemoryJournalTests : JournalSuite
{
    protected override Task<IJournalFixture> Create() => Task.FromResult<IJournalFixture>(new Fixture());

    private sealed class Fixture : IJournalFixture
    {
        private readonly InMemoryStore _store = new();

        public Fixture()
        {
            Journal = new InMemoryJournal(_store, TimeProvider.System);
            Views = new InMemoryViews(_store);
            Plans = new InMemoryPlanViews(_store);
            Lists = new InMemoryCollectionViews(_store);
        }

        public IJournal Journal { get; }

        public IViews Views { get; }

        public IPlanViews Plans { get; }

        public ICollectionViews Lists { get; }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
