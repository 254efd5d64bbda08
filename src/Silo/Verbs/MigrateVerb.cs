using ArtifactStore.Cli;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>A server that runs has migrated when it started, so this works on the database; its lock tells when a server runs.</summary>
internal static class MigrateVerb
{
    public static async Task<int> Run(Session session, StoreSettings settings)
    {
        await using var store = await StoreComposition.Open(settings, NullLoggerFactory.Instance);
        var status = await store.Views.Status();
        session.Say($"the database is at schema version {status.SchemaVersion}; its log has {status.Head} events");
        session.Document(new MigrateAnswer(status.SchemaVersion, status.Head), SiloJson.Default.MigrateAnswer);
        return ExitCode.Ok;
    }
}
