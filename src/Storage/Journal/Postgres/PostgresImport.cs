using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Postgres;

public static class PostgresImport
{
    public static Task<ILogImport> Open(PostgresOptions options, ImportTarget target, TimeProvider time) =>
        throw new InvalidDataException("restoring into PostgreSQL comes with the next change");
}
