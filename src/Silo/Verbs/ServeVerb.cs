using System.Net.Sockets;
using ArtifactStore.Cli;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Opens the store, puts the doors on it and stays until it is told to stop.</summary>
internal static class ServeVerb
{
    public static async Task<int> Run(CliHost host, StoreSettings settings, CancellationToken cancellation)
    {
        using var loggers = StoreServer.Loggers(settings);
        await using var store = await StoreComposition.Open(settings, loggers);
        await store.Start();
        await using var app = StoreServer.Build(settings, store);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            var addresses = string.Join(", ", settings.Listen);
            throw new SettingsException($"{addresses} cannot be listened on: another program uses the port, or the address is not of this machine.", e);
        }
        foreach (var address in StoreServer.Addresses(app)) await host.Out.WriteLineAsync($"listening on {address}");
        if (settings.Tokens.Count == 0)
        {
            await host.Error.WriteLineAsync(settings.AnonymousRead
                ? "warning: no token is configured, so nobody can write; set ARTIFACTSTORE_AUTH_TOKENS"
                : "warning: no token is configured, so the store is locked; set ARTIFACTSTORE_AUTH_TOKENS");
        }
        await host.Out.FlushAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
        return ExitCode.Ok;
    }
}
