using System.Globalization;
using System.Text.RegularExpressions;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Blobs;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Configuration;

/// <summary>
/// Turns <c>ARTIFACTSTORE_*</c> variables into <see cref="StoreSettings"/>: a pure function of the variables. Whatever is malformed or
/// unknown throws a <see cref="SettingsException"/> of one sentence, because a store that guesses what its operator meant cannot be
/// trusted.
/// </summary>
public static partial class SettingsReader
{
    public const string Prefix = "ARTIFACTSTORE_";
    private const string DefaultDatabase = "sqlite+aiosqlite:///./var/artifactstore.db";

    /// <summary>Every name this version knows; anything else with the prefix is a typing error.</summary>
    private static readonly HashSet<string> Known =
    [
        "DATABASE_URL", "STORAGE_LOCAL_ROOT", "LOG_LEVEL", "AUTH_TOKENS", "ANON_READ", "API_URL", "API_TOKEN", "LISTEN",
        "TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "STORAGE_BACKENDS", "STORAGE_DEFAULT_BACKEND", "STORAGE_BACKEND_ROUTES",
        "RETENTION_CONFIG_PATH", "RETENTION_SWEEP_INTERVAL_SECONDS", "RETENTION_GC_INTERVAL_SECONDS", "RETENTION_PLAN_VALID_SECONDS",
        "GUIDE_BOARD_SCHEMA", "NODE_NAME", "SCRUB_DAYS", "ORPHAN_SCAN_INTERVAL_SECONDS", "RECOUNT_INTERVAL_SECONDS", .. S3SettingsReader.Names,
    ];

    public static StoreSettings Read(IReadOnlyDictionary<string, string> variables)
    {
        RefuseUnknown(variables);
        string? Text(string name) => variables.TryGetValue(Prefix + name, out var value) && value.Trim().Length > 0 ? value.Trim() : null;

        var backends = Backends(Text("STORAGE_BACKENDS") ?? "local");
        var defaultBackend = new BackendId(Text("STORAGE_DEFAULT_BACKEND") ?? "local");
        if (!backends.Contains(defaultBackend))
        {
            throw new SettingsException(
                $"ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND names '{defaultBackend}', which is not one of ARTIFACTSTORE_STORAGE_BACKENDS "
                + $"({string.Join(',', backends)}).");
        }
        var tls = Tls(Text("TLS_CERTIFICATE_FILE"), Text("TLS_KEY_FILE"));
        return new StoreSettings
        {
            Database = Database(Text("DATABASE_URL") ?? DefaultDatabase),
            LocalRoot = Text("STORAGE_LOCAL_ROOT") ?? "./var/storage",
            LogLevel = Level(Text("LOG_LEVEL") ?? "INFO"),
            Tokens = Tokens(variables.GetValueOrDefault(Prefix + "AUTH_TOKENS") ?? ""),
            AnonymousRead = Flag("ANON_READ", Text("ANON_READ") ?? "false"),
            Backends = backends,
            DefaultBackend = defaultBackend,
            Routes = Routes(Text("STORAGE_BACKEND_ROUTES") ?? "", backends),
            Listen = Listen(Text("LISTEN") ?? (tls is null ? "127.0.0.1:8000" : "https://127.0.0.1:8000"), tls),
            Tls = tls,
            ApiUrl = ApiUrl(Text("API_URL") ?? "http://127.0.0.1:8000"),
            ApiToken = Text("API_TOKEN"),
            S3 = backends.Contains(StoreSettings.S3Backend) ? S3SettingsReader.Read(Text, variables) : null,
            Lifetimes = Text("RETENTION_CONFIG_PATH") is { } file ? RetentionFile.Read(file) : new Dictionary<string, long?>(),
            RetentionSweepInterval = TimeSpan.FromSeconds(
                PositiveSeconds("RETENTION_SWEEP_INTERVAL_SECONDS", Text("RETENTION_SWEEP_INTERVAL_SECONDS") ?? "3600")),
            PlanValidity = TimeSpan.FromSeconds(
                PositiveSeconds("RETENTION_PLAN_VALID_SECONDS", Text("RETENTION_PLAN_VALID_SECONDS") ?? "86400")),
            CollectionInterval = SecondsOrNever("RETENTION_GC_INTERVAL_SECONDS", Text("RETENTION_GC_INTERVAL_SECONDS") ?? "3600"),
            OrphanScanInterval = SecondsOrNever("ORPHAN_SCAN_INTERVAL_SECONDS", Text("ORPHAN_SCAN_INTERVAL_SECONDS") ?? "86400"),
            RecountInterval = SecondsOrNever("RECOUNT_INTERVAL_SECONDS", Text("RECOUNT_INTERVAL_SECONDS") ?? "86400"),
            ScrubPeriod = TimeSpan.FromDays(ScrubDays(Text("SCRUB_DAYS") ?? "30")),
            NodeName = NodeName(Text("NODE_NAME")),
        };
    }

    public static DatabaseSettings Database(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var name = scheme < 0 ? "" : url[..scheme];
        switch (name)
        {
            case "sqlite" or "sqlite+aiosqlite":
                // sqlite:///relative and sqlite:////absolute: three slashes belong to the scheme, as in the URLs of SQLAlchemy.
                var rest = url[(scheme + 3)..];
                if (rest.Length < 2 || rest[0] != '/' || rest.Contains('?'))
                {
                    throw new SettingsException("ARTIFACTSTORE_DATABASE_URL names no file: write sqlite:///relative/path.db or sqlite:////absolute/path.db.");
                }
                return new DatabaseSettings.Sqlite(rest[1..]);
            case "postgresql" or "postgres" or "postgresql+asyncpg" or "postgresql+psycopg":
                if (!Uri.TryCreate("postgresql" + url[scheme..], UriKind.Absolute, out var uri) || uri.Host.Length == 0)
                {
                    throw new SettingsException("ARTIFACTSTORE_DATABASE_URL is not a PostgreSQL URL: write postgresql://user:password@host:5432/database.");
                }
                return new DatabaseSettings.Postgres(uri);
            default:
                throw new SettingsException($"ARTIFACTSTORE_DATABASE_URL has the unknown scheme '{name}': sqlite and postgresql are known.");
        }
    }

    /// <summary>Comma or newline separated; <c>name=secret</c> names the actor.</summary>
    public static IReadOnlyList<AccessToken> Tokens(string text)
    {
        var tokens = new List<AccessToken>();
        foreach (var item in text.Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = item.IndexOf('=');
            // A base64 secret may end in '='; only what looks like a name before the sign makes it a named token.
            var named = equals > 0 && item[equals..].Trim('=').Length > 0 && ActorName().IsMatch(item[..equals]);
            var token = named ? new AccessToken(item[..equals], item[(equals + 1)..]) : new AccessToken(null, item);
            if (token.Secret.Any(c => c is <= ' ' or > '~'))
            {
                throw new SettingsException(
                    "ARTIFACTSTORE_AUTH_TOKENS holds a token with a space or a non-ASCII character, which no Authorization header can carry.");
            }
            if (tokens.Any(other => other.Secret == token.Secret))
            {
                throw new SettingsException("ARTIFACTSTORE_AUTH_TOKENS holds the same token twice; the log could not tell who used it.");
            }
            tokens.Add(token);
        }
        return tokens;
    }

    private static void RefuseUnknown(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var name in variables.Keys)
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            var rest = name[Prefix.Length..];
            if (Known.Contains(rest) || OfOthers().IsMatch(rest)) continue;
            var close = Known.MinBy(known => Distance(known, rest))!;
            var hint = Distance(close, rest) <= 4 ? $" Did you mean {Prefix}{close}?" : "";
            throw new SettingsException($"{name} is not a setting of this version.{hint}");
        }
    }

    private static List<BackendId> Backends(string text)
    {
        var ids = new List<BackendId>();
        foreach (var id in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (id != BackendId.Local.Value && id != StoreSettings.S3Backend.Value)
                throw new SettingsException($"ARTIFACTSTORE_STORAGE_BACKENDS names '{id}'; this version has 'local' and 's3'.");
            if (ids.Contains(new BackendId(id))) throw new SettingsException($"ARTIFACTSTORE_STORAGE_BACKENDS names '{id}' twice.");
            ids.Add(new BackendId(id));
        }
        return ids.Count > 0 ? ids : throw new SettingsException("ARTIFACTSTORE_STORAGE_BACKENDS names no backend.");
    }

    private static BlobRoutes Routes(string text, List<BackendId> backends)
    {
        const string variable = "ARTIFACTSTORE_STORAGE_BACKEND_ROUTES";
        BlobRoutes routes;
        try
        {
            routes = BlobRoutes.Parse(text);
        }
        catch (FormatException e)
        {
            throw new SettingsException($"{variable}: {e.Message}", e);
        }
        foreach (var backend in routes.Backends.Where(backend => !backends.Contains(backend)))
        {
            throw new SettingsException($"{variable} leads to '{backend}', which is not one of ARTIFACTSTORE_STORAGE_BACKENDS.");
        }
        foreach (var name in routes.RetentionClasses.Where(name => RetentionClasses.Seed.All(known => known.Slug != name)))
        {
            throw new SettingsException($"{variable} names the retention class '{name}', which does not exist.");
        }
        return routes;
    }

    private static List<ListenAddress> Listen(string text, TlsSettings? tls)
    {
        var addresses = new List<ListenAddress>();
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var match = ListenForm().Match(item);
            if (!match.Success || !int.TryParse(match.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            {
                throw new SettingsException($"ARTIFACTSTORE_LISTEN has '{item}', which is not of the form [http://|https://]host:port.");
            }
            var https = match.Groups["scheme"].Value == "https";
            if (https && tls is null)
            {
                throw new SettingsException(
                    "ARTIFACTSTORE_LISTEN asks for https; name the files in ARTIFACTSTORE_TLS_CERTIFICATE_FILE and ARTIFACTSTORE_TLS_KEY_FILE.");
            }
            addresses.Add(new(match.Groups["host"].Value.Trim('[', ']'), port, https));
        }
        if (tls is not null && addresses.Count > 0 && !addresses.Exists(address => address.Https))
        {
            // The operator gave a certificate: serving tokens in the clear is not what was meant.
            throw new SettingsException("ARTIFACTSTORE_TLS_CERTIFICATE_FILE is given, but no address of ARTIFACTSTORE_LISTEN begins with https://.");
        }
        return addresses.Count > 0 ? addresses : throw new SettingsException("ARTIFACTSTORE_LISTEN names no address.");
    }

    private static TlsSettings? Tls(string? certificate, string? key)
    {
        if (certificate is null && key is null) return null;
        if (certificate is null || key is null)
        {
            throw new SettingsException("ARTIFACTSTORE_TLS_CERTIFICATE_FILE and ARTIFACTSTORE_TLS_KEY_FILE go together; one is missing.");
        }
        foreach (var (name, file) in new[] { ("CERTIFICATE", certificate), ("KEY", key) })
        {
            if (!File.Exists(file)) throw new SettingsException($"ARTIFACTSTORE_TLS_{name}_FILE names '{file}', which does not exist.");
        }
        return new(certificate, key);
    }

    private static LogLevel Level(string text) => text switch
    {
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        _ => throw new SettingsException($"ARTIFACTSTORE_LOG_LEVEL is '{text}'; it is one of DEBUG, INFO, WARNING, ERROR."),
    };

    private static bool Flag(string name, string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new SettingsException($"{Prefix}{name} is '{text}'; it is true or false."),
    };

    private static long PositiveSeconds(string name, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 31_536_000
            ? seconds
            : throw new SettingsException($"{Prefix}{name} is '{text}'; it is a number of seconds from 1 to 31536000.");

    private static TimeSpan SecondsOrNever(string name, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 31_536_000
            ? TimeSpan.FromSeconds(seconds)
            : throw new SettingsException($"{Prefix}{name} is '{text}'; it is a number of seconds up to 31536000, or 0 for never.");

    private static int ScrubDays(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days <= 3650
            ? days
            : throw new SettingsException($"ARTIFACTSTORE_SCRUB_DAYS is '{text}'; it is a number of days from 1 to 3650, or 0 for none.");

    private static string? NodeName(string? text) => text is null || NodeNameForm().IsMatch(text)
        ? text
        : throw new SettingsException($"ARTIFACTSTORE_NODE_NAME is '{text}'; it is up to 100 letters, digits and . _ : @ - characters.");

    private static Uri ApiUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new SettingsException($"ARTIFACTSTORE_API_URL is '{text}'; it is a URL such as http://127.0.0.1:8000.");

    /// <summary>Number of single-character edits, for "did you mean".</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }

    /// <summary>
    /// Names that others set: Kubernetes injects these for a service called "artifactstore"; MINIO ones configure tests only.
    /// </summary>
    [GeneratedRegex("^(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_.*)?|MINIO_.*|TEST_.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfOthers();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex ActorName();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$", RegexOptions.None, 1000)]
    private static partial Regex NodeNameForm();

    [GeneratedRegex(@"^((?<scheme>https?)://)?(?<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.*-]+):(?<port>\d{1,5})/?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListenForm();
}
