using System.Collections.Concurrent;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Client.Tests.StandIn;

/// <summary>
/// Speaks the routes that the client uses, in memory, over real sockets. It is here for what a real store does not do on request: fail in a
/// chosen way at a chosen moment. <see cref="Interfere"/> sees every request first and may answer it, or break it.
/// </summary>
internal sealed class StandInStore : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, StandInPackage> _packages = new();
    private readonly ConcurrentDictionary<string, string> _keys = new();
    private readonly List<JsonObject> _events = [];
    private readonly Lock _lock = new();

    private StandInStore(WebApplication app) => _app = app;

    public Func<HttpContext, Task<bool>> Interfere { get; set; } = _ => Task.FromResult(false);

    public ConcurrentDictionary<string, byte[]> Contents { get; } = new();

    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Url { get; private set; } = null!;

    public string? RequiredToken { get; set; }

    public int PackageCount => _packages.Count;

    public static async Task<StandInStore> Start(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(port == 0 ? FreePort() : port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        var app = builder.Build();
        var store = new StandInStore(app);
        app.Run(store.Answer);
        await app.StartAsync();
        store.Url = new Uri(app.Urls.First().Replace("localhost", "127.0.0.1"));
        return store;
    }

    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    public StandInPackage Package(string id) => _packages[id];

    public StandInPackage OnlyPackage => _packages.Values.Single();

    public IEnumerable<StandInPackage> Packages => _packages.Values.OrderBy(package => package.CreatedAt);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Answer(HttpContext http)
    {
        var path = Uri.UnescapeDataString(http.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0]).TrimStart('/');
        Requests.Enqueue($"{http.Request.Method} {path}");
        if (await Interfere(http)) return;
        if (RequiredToken is not null && path != "health" && http.Request.Headers.Authorization != $"Bearer {RequiredToken}")
        {
            await Refuse(http, ErrorCatalogue.Unauthorized.With("no token"));
            return;
        }
        var parts = path.Split('/');
        var route = (http.Request.Method, parts[0], parts.Length > 2 ? parts[2] : "");
        var work = route switch
        {
            ("GET", "health", _) => http.Response.WriteAsync("""{"status":"ok","db":{"healthy":true}}"""),
            ("POST", "packages", "") => Create(http),
            ("GET", "packages", "") when parts.Length == 1 => ListPackages(http),
            ("POST", "contents", _) => Missing(http),
            ("GET", "contents", _) => Download(http, parts[1]),
            ("GET", "events", _) => Events(http),
            (_, "packages", _) when _packages.TryGetValue(parts[1], out var package) => OfPackage(http, package, parts),
            _ => Refuse(http, ErrorCatalogue.PackageUnknown.With(path)),
        };
        await work;
    }

    private Task OfPackage(HttpContext http, StandInPackage package, string[] parts) => (http.Request.Method, parts.Length > 2 ? parts[2] : "") switch
    {
        ("GET", "") => Json(http, package.Describe()),
        ("GET", "files") => ListFiles(http, package),
        ("PUT", "files") => Put(http, package, string.Join('/', parts[3..])),
        ("POST", "files:link") => Link(http, package),
        ("POST", "finalize") => Finalize(http, package),
        ("GET", "manifest") => Bytes(http, package.Manifest!, "application/cbor"),
        ("GET", "manifest.json") => Bytes(http, "{\"files\":[]}"u8.ToArray(), "application/json"),
        _ => Refuse(http, ErrorCatalogue.RouteUnknown.With("")),
    };

    private async Task Create(HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (body["retention_class"]?.ToString() is not "transient")
        {
            await Refuse(http, ErrorCatalogue.ClassUnknown.With($"there is no class '{body["retention_class"]}'"));
            return;
        }
        var id = _keys.GetOrAdd(key, _ => Guid.NewGuid().ToString("D"));
        var package = _packages.GetOrAdd(id, _ => new StandInPackage(id, body, DateTimeOffset.UtcNow));
        Log("v1.package.created", id);
        await Json(http, package.Describe(), 201);
    }

    private async Task Put(HttpContext http, StandInPackage package, string path)
    {
        using var body = new MemoryStream();
        try
        {
            await http.Request.Body.CopyToAsync(body);
        }
        catch (IOException)
        {
            return;
        }
        var bytes = body.ToArray();
        var address = ContentAddress.Blake3(Digest256.FromBytes(Blake3.Hash(bytes))).ToString();
        if (http.Request.Headers["X-Content-Address"].ToString() is { Length: > 0 } expected && expected != address)
        {
            await Refuse(http, ErrorCatalogue.DigestMismatch.With($"announced {expected}, received {address}"));
            return;
        }
        Contents[address] = bytes;
        await (package.Add(path, address, bytes, http.Request.ContentType!) is { } error ? Refuse(http, error) : Json(http, package.File(path), 201));
    }

    private async Task Link(HttpContext http, StandInPackage package)
    {
        var items = (await JsonNode.ParseAsync(http.Request.Body))!["items"]!.AsArray();
        var results = new JsonArray();
        foreach (var item in items)
        {
            var path = item!["relative_path"]!.ToString();
            var address = item["content_address"]!.ToString();
            var error = Contents.TryGetValue(address, out var bytes)
                ? package.Add(path, address, bytes, item["media_type"]!.ToString())
                : ErrorCatalogue.ContentUnknown.With(address);
            results.Add(error is null
                ? new JsonObject { ["relative_path"] = path, ["status"] = "linked", ["file"] = package.File(path) }
                : new JsonObject { ["relative_path"] = path, ["status"] = "error", ["error"] = ProblemOf(error) });
        }
        await Json(http, new JsonObject { ["items"] = results });
    }

    private async Task Finalize(HttpContext http, StandInPackage package)
    {
        package.Close();
        Log("v1.package.finalized", package.Id);
        await Json(http, package.Describe());
    }

    private async Task Missing(HttpContext http)
    {
        var addresses = (await JsonNode.ParseAsync(http.Request.Body))!["addresses"]!.AsArray();
        var missing = addresses.Select(node => node!.ToString()).Where(address => !Contents.ContainsKey(address));
        await Json(http, new JsonObject { ["missing"] = new JsonArray([.. missing.Select(text => (JsonNode)text)]) });
    }

    private async Task ListFiles(HttpContext http, StandInPackage package)
    {
        var files = package.Sorted().ToList();
        var skip = int.Parse(http.Request.Query["cursor"].FirstOrDefault() ?? "0");
        // Small pages, so that cursors are used.
        var page = files.Skip(skip).Take(3).Select(pair => (JsonNode)package.File(pair.Key)).ToArray();
        var next = skip + 3 < files.Count ? (skip + 3).ToString() : null;
        await Json(http, new JsonObject { ["items"] = new JsonArray(page), ["next_cursor"] = next });
    }

    private async Task ListPackages(HttpContext http)
    {
        var producer = http.Request.Query["producer"].FirstOrDefault();
        var items = _packages.Values.Select(package => package.Describe()).Where(body => producer is null || body["producer"]!.ToString() == producer);
        await Json(http, new JsonObject { ["items"] = new JsonArray([.. items]), ["next_cursor"] = null });
    }

    private async Task Download(HttpContext http, string address)
    {
        if (!Contents.TryGetValue(address, out var bytes))
        {
            await Refuse(http, ErrorCatalogue.ContentUnknown.With(address));
            return;
        }
        var from = http.Request.GetTypedHeaders().Range?.Ranges.Single().From;
        if (from is { } start)
        {
            if (start >= bytes.Length)
            {
                await Refuse(http, ErrorCatalogue.RangeUnsatisfiable.With(""));
                return;
            }
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {start}-{bytes.Length - 1}/{bytes.Length}";
            bytes = bytes[(int)start..];
        }
        await Bytes(http, bytes, "application/octet-stream");
    }

    private async Task Events(HttpContext http)
    {
        var after = int.Parse(http.Request.Query["after"].ToString().Split(':')[^1]);
        List<JsonNode> page;
        lock (_lock) page = [.. _events.Skip(after).Take(2).Select(line => line.DeepClone())];
        await Json(http, new JsonObject { ["items"] = new JsonArray([.. page]), ["next_cursor"] = $"1:{after + page.Count}", ["head"] = _events.Count });
    }

    private void Log(string type, string id)
    {
        lock (_lock)
        {
            _events.Add(new JsonObject
            {
                ["sequence"] = _events.Count + 1,
                ["created_at"] = "2026-01-02T03:04:05.000006Z",
                ["event_type"] = type,
                ["subject_kind"] = "package",
                ["subject_id"] = id,
                ["stream_version"] = 1,
                ["actor"] = "ci",
                ["payload"] = new JsonObject(),
                ["payload_digest"] = "blake3:00",
                ["leaf_digest"] = "blake3:00",
            });
        }
    }

    public static Task Refuse(HttpContext http, Error error)
    {
        http.Response.StatusCode = error.Kind.Status;
        return Bytes(http, System.Text.Encoding.UTF8.GetBytes(ProblemOf(error).ToJsonString()), "application/problem+json");
    }

    private static JsonObject ProblemOf(Error error) => new()
    {
        ["code"] = error.Code,
        ["title"] = error.Kind.Title,
        ["status"] = error.Kind.Status,
        ["detail"] = error.Detail,
        ["help"] = error.Kind.Help,
    };

    private static Task Json(HttpContext http, JsonNode body, int status = 200)
    {
        http.Response.StatusCode = status;
        return Bytes(http, System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json");
    }

    private static async Task Bytes(HttpContext http, byte[] bytes, string mediaType)
    {
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes);
    }
}

/// <summary>One package of the stand-in.</summary>
internal sealed class StandInPackage(string id, JsonObject request, DateTimeOffset createdAt)
{
    private readonly ConcurrentDictionary<string, (string Address, byte[] Bytes, string MediaType, string FileId)> _files = new();

    public string Id => id;

    public DateTimeOffset CreatedAt => createdAt;

    public byte[]? Manifest { get; private set; }

    public JsonObject Request => request;

    public IEnumerable<KeyValuePair<string, byte[]>> Sorted() =>
        _files.OrderBy(pair => pair.Key, PathOrder.Comparer).Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Bytes));

    public string MediaTypeOf(string path) => _files[path].MediaType;

    public Error? Add(string path, string address, byte[] bytes, string mediaType)
    {
        if (Manifest is not null) return ErrorCatalogue.PackageNotOpen.With($"package {id} is finalized");
        return _files.TryAdd(path, (address, bytes, mediaType, Guid.NewGuid().ToString("D"))) ? null : ErrorCatalogue.PathTaken.With($"'{path}' is taken");
    }

    public void Close() => Manifest ??= Encode([.. Sorted().Select(pair => (pair.Key, _files[pair.Key].Address, (long)pair.Value.Length))]);

    /// <summary>For tests of what a store must never send.</summary>
    public void Close(params (string Path, string Address, long Size)[] files) => Manifest = Encode(files);

    public JsonObject File(string path)
    {
        var file = _files[path];
        return new()
        {
            ["id"] = file.FileId,
            ["package_id"] = id,
            ["relative_path"] = path,
            ["media_type"] = file.MediaType,
            ["backend_id"] = "local",
            ["content_address"] = file.Address,
            ["digest_sha256"] = Convert.ToHexStringLower(SHA256.HashData(file.Bytes)),
            ["size"] = file.Bytes.Length,
            ["ingested_at"] = createdAt,
            ["ingested_by"] = "ci",
        };
    }

    public JsonObject Describe() => new()
    {
        ["id"] = id,
        ["name"] = request["name"]!.DeepClone(),
        ["producer"] = request["producer"]!.DeepClone(),
        ["subject"] = request["subject"]!.DeepClone(),
        ["retention_class"] = request["retention_class"]!.DeepClone(),
        ["status"] = Manifest is null ? "created" : "finalized",
        ["backend_id"] = "local",
        ["metadata"] = request["metadata"]?.DeepClone() ?? new JsonObject(),
        ["metadata_schema"] = null,
        ["created_at"] = createdAt,
        ["created_by"] = "ci",
        ["expires_at"] = null,
        ["file_count"] = _files.Count,
        ["total_bytes"] = _files.Values.Sum(file => (long)file.Bytes.Length),
        ["manifest_digest"] = Manifest is null ? null : $"blake3:{Convert.ToHexStringLower(Blake3.Hash(Manifest))}",
        ["finalized_at"] = Manifest is null ? null : createdAt,
        ["last_event_sequence"] = 1,
    };

    private static byte[] Encode((string Path, string Address, long Size)[] files)
    {
        var cbor = new CborWriter(CborConformanceMode.Canonical);
        cbor.WriteStartMap(2);
        cbor.WriteTextString("files");
        cbor.WriteStartArray(files.Length);
        foreach (var (path, address, size) in files)
        {
            cbor.WriteStartMap(4);
            cbor.WriteTextString("size");
            cbor.WriteInt64(size);
            cbor.WriteTextString("relative_path");
            cbor.WriteTextString(path);
            cbor.WriteTextString("content_address");
            cbor.WriteTextString(address);
            cbor.WriteTextString("media_type");
            cbor.WriteTextString("text/plain");
            cbor.WriteEndMap();
        }
        cbor.WriteEndArray();
        cbor.WriteTextString("manifest_version");
        cbor.WriteInt32(1);
        cbor.WriteEndMap();
        return cbor.Encode();
    }
}
