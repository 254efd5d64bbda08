using System.CommandLine;
using System.Text.Json;
using ArtifactStore.Client;

namespace ArtifactStore.Cli.Verbs;

/// <summary>The payload of <c>GET /health</c>, JSON always: it is one document, and scripts read it.</summary>
internal static class HealthVerb
{
    public static Command Command(CliHost host, CommonOptions common, IAdministrativeVerbs administrative)
    {
        var command = new Command("health", "Print the health of the store as JSON; fails unless it is ok");
        command.SetVerb(host, common, async (session, cancellation) =>
        {
            var health = await session.ServerOrDatabase(
                store => store.HealthAsync(cancellation),
                async () => await administrative.HealthWithoutServer(cancellation)
                    ?? throw new ArtifactStoreException(
                        StoreFailure.Unreachable, $"cannot reach {session.Url.ToString().TrimEnd('/')}: connection refused"));
            host.Out.WriteLine(JsonSerializer.Serialize(health, WireJson.Default.JsonElement));
            var ok = health.TryGetProperty("status", out var status) && status.ValueEquals("ok");
            return ok ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
