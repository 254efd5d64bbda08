using ArtifactStore.Conformance.Journal;

namespace ArtifactStore.Storage.Tests.Journal;

public sealed class PostgresJournalTests : JournalSuite
{
    protected override async Task<IJournalFixture> Create() => await PostgresFixture.Create();
}
