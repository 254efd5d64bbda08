using ArtifactStore.Conformance.Journal;

namespace ArtifactStore.Storage.Tests.Journal;

public sealed class SqliteJournalTests : JournalSuite
{
    protected override async Task<IJournalFixture> Create() => await SqliteFixture.Create();
}
