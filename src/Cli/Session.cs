using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ArtifactStore.Client;

namespace ArtifactStore.Cli;

/// <summary>One run of one verb: what was asked for, the store it talks to, and where its words go.</summary>
public sealed class Session : IDisposable
{
    private readonly Lazy<ArtifactStoreClient> _store;

    internal Session(ParseResult parsed, CliHost host, CommonOptions common)
    {
        Parsed = parsed;
        Host = host;
        Json = parsed.GetValue(common.Json);
        Url = common.UrlOf(parsed, host);
        _store = new(() => new(new(Url, host.Clock, host.Random) { Token = common.TokenOf(parsed, host) }));
    }

    public ParseResult Parsed { get; }

    public CliHost Host { get; }

    public bool Json { get; }

    public Uri Url { get; }

    public ArtifactStoreClient Store => _store.Value;

    /// <summary>For people; nothing when JSON was asked for.</summary>
    public void Say(string line)
    {
        if (!Json) Host.Out.WriteLine(line);
    }

    /// <summary>One JSON document on its own line; nothing when text was asked for.</summary>
    public void Document<T>(T document, JsonTypeInfo<T> type)
    {
        if (Json) Host.Out.WriteLine(JsonSerializer.Serialize(document, type));
    }

    public void Warn(string line) => Host.Error.WriteLine($"warning: {line}");

    /// <summary>
    /// Asks the server, and opens the database here only when nothing listens at the address: two processes never own one SQLite store, and
    /// the lock that guards it turns a race into a refusal.
    /// </summary>
    public async Task<T> ServerOrDatabase<T>(
        Func<ArtifactStoreClient, Task<T>> server, Func<Task<T>> database)
    {
        try
        {
            return await server(Store);
        }
        catch (ArtifactStoreException unreachable) when (unreachable is { Failure: StoreFailure.Unreachable, Retryable: false })
        {
            return await database();
        }
    }

    public void Dispose()
    {
        if (_store.IsValueCreated) _store.Value.Dispose();
    }
}
