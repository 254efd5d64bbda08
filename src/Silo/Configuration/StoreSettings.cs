using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs;
using ArtifactStore.Storage.Blobs.S3;
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
    public required BlobRoutes Routes { get; init; }
    public required IReadOnlyList<ListenAddress> Listen { get; init; }
    public required TlsSettings? Tls { get; init; }
    public required Uri ApiUrl { get; init; }
    public required string? ApiToken { get; init; }
    /// <summary>Lifetimes in seconds of the retention classes that a file names; null never expires.</summary>
    public required IReadOnlyDictionary<string, long?> Lifetimes { get; init; }

    public required TimeSpan RetentionSweepInterval { get; init; }

    /// <summary>Zero: the store deletes nothing by itself.</summary>
    public required TimeSpan CollectionInterval { get; init; }

    /// <summary>How long after it was made the run of a plan may begin.</summary>
    public required TimeSpan PlanValidity { get; init; }

    /// <summary>Within this time every object is read again; zero: never by itself.</summary>
    public required TimeSpan ScrubPeriod { get; init; }

    /// <summary>How often each backend is looked through for objects that no row knows; zero: never by itself.</summary>
    public required TimeSpan OrphanScanInterval { get; init; }

    /// <summary>How often the numbers that views keep are compared with their rows; zero: never by itself.</summary>
    public required TimeSpan RecountInterval { get; init; }

    /// <summary>For a process that does one of these itself: they would read the same at the same time.</summary>
    public StoreSettings WithoutPasses() => this with
    {
        ScrubPeriod = TimeSpan.Zero,
        OrphanScanInterval = TimeSpan.Zero,
        RecountInterval = TimeSpan.Zero,
    };

    /// <summary>What this node is called in health and logs; null: the machine's name and the first port.</summary>
    public required string? NodeName { get; init; }

    /// <summary>Null when no backend needs it.</summary>
    public S3Options? S3 { get; init; }

    public static BackendId S3Backend { get; } = new("s3");
}

/// <summary>Where the journal lies. SQLite: <paramref name="Path"/> is a file. PostgreSQL: a connection URL.</summary>
public abstract record DatabaseSettings
{
    private DatabaseSettings() { }

    public sealed record Sqlite(string Path) : DatabaseSettings;

    public sealed record Postgres(Uri Url) : DatabaseSettings;
}

public sealed record ListenAddress(string Host, int Port, bool Https)
{
    public override string ToString() => $"{(Https ? "https" : "http")}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";
}

public sealed record TlsSettings(string CertificateFile, string KeyFile);

/// <summary>One sentence that names the variable and what would be right.</summary>
public sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);
