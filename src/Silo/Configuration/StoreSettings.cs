using ArtifactStore.Interfaces.Ids;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Configuration;

/// <summary>Everything the store is told from outside, parsed and checked. Made by <see cref="SettingsReader"/> only.</summary>
public sealed record StoreSettings
{
    public required DatabaseSettings Database { get; init; }
    public required string LocalRoot { get; init; }
    public required LogLevel LogLevel { get; init; }
    public required IReadOnlyList<AccessToken> Tokens { get; init; }
    public required bool AnonymousRead { get; init; }
    public required IReadOnlyList<BackendId> Backends { get; init; }
    public required BackendId DefaultBackend { get; init; }
    public required IReadOnlyList<BackendRoute> Routes { get; init; }
    public required IReadOnlyList<ListenAddress> Listen { get; init; }
    public required TlsSettings? Tls { get; init; }
    public required Uri ApiUrl { get; init; }
    public required string? ApiToken { get; init; }
    public required TimeSpan RetentionSweepInterval { get; init; }
}

/// <summary>Where the journal lies. SQLite: <paramref name="Path"/> is a file. PostgreSQL: a connection URL.</summary>
public abstract record DatabaseSettings
{
    private DatabaseSettings() { }

    public sealed record Sqlite(string Path) : DatabaseSettings;

    public sealed record Postgres(Uri Url) : DatabaseSettings;
}

/// <summary>A shared secret and the name that its bearer has in the log; no name was given when null.</summary>
public sealed record AccessToken(string? Name, string Secret)
{
    /// <summary>Records print their members; this one must not.</summary>
    public override string ToString() => $"{Name ?? "token"}=***";
}

/// <summary><c>producer:retention_class=backend</c>; null stands for <c>*</c>. The first that matches wins.</summary>
public sealed record BackendRoute(string? Producer, string? RetentionClass, BackendId Backend);

public sealed record ListenAddress(string Host, int Port, bool Https)
{
    public override string ToString() => $"{(Https ? "https" : "http")}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";
}

public sealed record TlsSettings(string CertificateFile, string KeyFile);

/// <summary>One sentence that names the variable and what would be right.</summary>
public sealed class SettingsException(string message) : Exception(message);
