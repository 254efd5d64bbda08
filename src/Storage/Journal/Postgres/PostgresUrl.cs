using System.Globalization;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// The connection URL, with the names that libpq gives the parameters. An unknown parameter is refused: one that was ignored could be
/// the one that was meant to encrypt.
/// </summary>
internal static class PostgresUrl
{
    private const string Known =
        "sslmode, sslrootcert, sslcert, sslkey, sslpassword, channel_binding, application_name, connect_timeout, search_path, passfile, host";
    private const int DefaultConnectSeconds = 5;

    /// <exception cref="InvalidDataException">One sentence about what is wrong. It never contains the password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(Uri url)
    {
        if (url.Scheme is not ("postgresql" or "postgres"))
            throw new InvalidDataException($"the database URL begins with {url.Scheme}:// and not with postgresql://");
        var database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
        if (database.Length == 0) throw new InvalidDataException("the database URL names no database: postgresql://user@host/database");
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host.Length == 0 ? "localhost" : url.IdnHost.Trim('[', ']'),
            Port = url.Port > 0 ? url.Port : NpgsqlConnection.DefaultPort,
            Database = database,
            Timeout = DefaultConnectSeconds,
            ApplicationName = "artifactstore",
        };
        var user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            Set(builder, Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
        return builder;
    }

    /// <summary>Where it is, without who asks: for messages.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder builder) =>
        string.Create(CultureInfo.InvariantCulture, $"the database {builder.Database} at {builder.Host}:{builder.Port}");

    private static void Set(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        switch (name)
        {
            case "sslmode":
                builder.SslMode = SslModeOf(value);
                break;
            case "sslrootcert":
                builder.RootCertificate = value;
                break;
            case "sslcert":
                builder.SslCertificate = value;
                break;
            case "sslkey":
                builder.SslKey = value;
                break;
            case "sslpassword":
                builder.SslPassword = value;
                break;
            case "channel_binding":
                builder.ChannelBinding = value switch
                {
                    "disable" => ChannelBinding.Disable,
                    "prefer" => ChannelBinding.Prefer,
                    "require" => ChannelBinding.Require,
                    _ => throw new InvalidDataException($"channel_binding in the database URL is '{value}': use disable, prefer or require"),
                };
                break;
            case "application_name":
                builder.ApplicationName = value;
                break;
            case "connect_timeout":
                builder.Timeout = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 1024
                    ? seconds
                    : throw new InvalidDataException($"connect_timeout in the database URL is '{value}': use seconds from 1 to 1024");
                break;
            case "search_path":
                builder.SearchPath = value;
                break;
            case "passfile":
                builder.Passfile = value;
                break;
            case "host":
                builder.Host = value;
                break;
            default:
                throw new InvalidDataException($"the database URL has the parameter '{name}', which is not known: known are {Known}");
        }
    }

    private static SslMode SslModeOf(string value) => value switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new InvalidDataException(
            $"sslmode in the database URL is '{value}': use disable, allow, prefer, require, verify-ca or verify-full"),
    };
}
