using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ArtifactStore.Client.Transport;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>Packages: create, describe, list, finalize, manifest.</summary>
public sealed partial class ArtifactStoreClient
{
    private const int PageSize = 1000;

    public static string NewIdempotencyKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Creates a package. A repeat with the same key answers with the same package, even after a restart of either side.</summary>
    public Task<Package> CreatePackageAsync(NewPackage package, string? idempotencyKey = null, CancellationToken cancellation = default)
    {
        var key = idempotencyKey ?? NewIdempotencyKey();
        return _connection.Ask(
            new(HttpMethod.Post, "packages")
            {
                Body = () => JsonContent.Create(package, WireJson.Default.NewPackage),
                Prepare = request =>
                {
                    AcceptJson(request);
                    request.Headers.Add("Idempotency-Key", key);
                },
            },
            (response, token) => Read(response, WireJson.Default.Package, token),
            cancellation);
    }

    public Task<Package> GetPackageAsync(PackageId id, CancellationToken cancellation = default) =>
        Get($"packages/{id}", WireJson.Default.Package, cancellation);

    /// <summary>Newest first.</summary>
    public IAsyncEnumerable<Package> ListPackagesAsync(PackageQuery? query = null, CancellationToken cancellation = default) =>
        Pages("packages" + Text(query ?? new()), WireJson.Default.PagePackage, cancellation);

    /// <summary>The files of a package in byte order of their paths.</summary>
    public IAsyncEnumerable<PackageFile> ListFilesAsync(PackageId id, CancellationToken cancellation = default) =>
        Pages($"packages/{id}/files?limit={PageSize}", WireJson.Default.PagePackageFile, cancellation);

    /// <summary>Closes the package for ever and answers with it, manifest digest included. A repeat changes nothing.</summary>
    public Task<Package> FinalizeAsync(PackageId id, CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Post, $"packages/{id}/finalize") { Prepare = AcceptJson },
            (response, token) => Read(response, WireJson.Default.Package, token),
            cancellation);

    /// <summary>
    /// The manifest in canonical CBOR, verified: its BLAKE3 is the package's digest, and <paramref name="expected"/> when the caller knows
    /// the digest from elsewhere, which is the only proof that does not rest on this server.
    /// </summary>
    public async Task<byte[]> GetManifestAsync(PackageId id, ContentAddress? expected = null, CancellationToken cancellation = default)
    {
        var package = await GetPackageAsync(id, cancellation);
        if (package.ManifestDigest is not { } promised)
        {
            throw ArtifactStoreException.From(
                new(ErrorCatalogue.ManifestNotReady.Code, ErrorCatalogue.ManifestNotReady.Title, 409, $"package {id} is not finalized", null), 409);
        }
        if (expected is { } pinned && pinned != promised)
            throw new ArtifactStoreException(StoreFailure.VerificationFailed, $"package {id} has manifest {promised}, not {pinned}");

        var manifest = await _connection.Ask(
            new(HttpMethod.Get, $"packages/{id}/manifest") { Prepare = request => request.Headers.Accept.Add(new("application/cbor")) },
            (response, token) => response.Content.ReadAsByteArrayAsync(token),
            cancellation);
        var actual = ContentAddress.Blake3(Digest256.FromBytes(Blake3.Hash(manifest)));
        return actual == promised
            ? manifest
            : throw new ArtifactStoreException(StoreFailure.VerificationFailed, $"the manifest of package {id} is {actual}, but should be {promised}");
    }

    /// <summary>The RFC 8785 projection of the manifest, byte for byte as the server gives it.</summary>
    public Task<byte[]> GetManifestJsonAsync(PackageId id, CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Get, $"packages/{id}/manifest.json") { Prepare = AcceptJson },
            (response, token) => response.Content.ReadAsByteArrayAsync(token),
            cancellation);

    /// <summary>Makes a package eligible for deletion before its time. A repeat changes nothing; a hold refuses it.</summary>
    public Task<Retention> DeletePackageAsync(PackageId id, string reason, CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Delete, $"packages/{id}?reason={Uri.EscapeDataString(reason)}") { Prepare = AcceptJson },
            (response, token) => Read(response, WireJson.Default.Retention, token),
            cancellation);

    public Task<JsonElement> HealthAsync(CancellationToken cancellation = default) =>
        Get("health", WireJson.Default.JsonElement, cancellation);

    /// <summary>Makes the server check its log and build its views anew. Takes as long as the log is long.</summary>
    public Task<Replayed> ReplayAsync(CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Post, "maintenance/replay") { Prepare = AcceptJson },
            (response, token) => Read(response, WireJson.Default.Replayed, token),
            cancellation);

    /// <summary>Makes the server mark what has expired and nothing keeps. It does so by itself too; nothing is deleted by it.</summary>
    public Task<Swept> SweepRetentionAsync(CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Post, "retention/sweeps") { Prepare = AcceptJson },
            (response, token) => Read(response, WireJson.Default.Swept, token),
            cancellation);

    /// <summary>Makes the server delete what may be deleted and nothing keeps, for at most this long. Ask again while there is more.</summary>
    public Task<Collected> CollectGarbageAsync(TimeSpan atMost, CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Post, $"retention/collections?seconds={(int)atMost.TotalSeconds}")
            {
                Prepare = AcceptJson,
                ServerWait = atMost + TimeSpan.FromMinutes(5),
            },
            (response, token) => Read(response, WireJson.Default.Collected, token),
            cancellation);

    /// <summary>Makes the server write down what it would delete. Nothing is deleted by it.</summary>
    public Task<Plan> MakePlanAsync(CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Post, "retention/plans") { Prepare = AcceptJson, ServerWait = TimeSpan.FromHours(1) },
            (response, token) => Read(response, WireJson.Default.Plan, token),
            cancellation);

    /// <summary>Makes the server delete what a plan lists and nothing else, for at most this long.</summary>
    /// <param name="plan">Its id.</param>
    /// <param name="after"><see cref="Collected.Next"/> of the answer before; null begins.</param>
    /// <param name="atMost">Ask again while there is more.</param>
    /// <param name="cancellation">Stops it; what was done is done.</param>
    public Task<Collected> RunPlanAsync(string plan, string? after, TimeSpan atMost, CancellationToken cancellation = default)
    {
        var from = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
        var path = $"retention/collections?plan={Uri.EscapeDataString(plan)}&seconds={(int)atMost.TotalSeconds}{from}";
        return _connection.Ask(
            new(HttpMethod.Post, path) { Prepare = AcceptJson, ServerWait = atMost + TimeSpan.FromMinutes(5) },
            (response, token) => Read(response, WireJson.Default.Collected, token),
            cancellation);
    }

    /// <summary>Makes the server read a page of a backend's objects again. Continue with <see cref="VerificationPage.Next"/>.</summary>
    /// <param name="backend">Id of the backend.</param>
    /// <param name="after">Next of the page before; 0 begins.</param>
    /// <param name="jobs">Objects that are read at once.</param>
    /// <param name="cancellation">Stops it; what the page had read so far is read again by the next one.</param>
    public Task<VerificationPage> VerifyAsync(string backend, long after, int jobs, CancellationToken cancellation = default) =>
        _connection.Ask(
            new(HttpMethod.Post, $"storage/{Uri.EscapeDataString(backend)}/verifications?after={after}&jobs={jobs}")
            {
                Prepare = AcceptJson,
                // A single object may be large, and the disk slow.
                ServerWait = TimeSpan.FromHours(4),
            },
            (response, token) => Read(response, WireJson.Default.VerificationPage, token),
            cancellation);

    /// <summary>Makes the server move a page of a backend's contents. Continue with <see cref="MovePage.Next"/>.</summary>
    /// <param name="from">Id of the backend that has them.</param>
    /// <param name="to">Id of the backend that gets them.</param>
    /// <param name="retentionClass">Only what packages of this class use; null: everything.</param>
    /// <param name="after">Next of the page before; 0 begins.</param>
    /// <param name="jobs">Objects that are copied at once.</param>
    /// <param name="cancellation">Stops it; what was moved is moved.</param>
    public Task<MovePage> MoveAsync(
        string from, string to, string? retentionClass, long after, int jobs, CancellationToken cancellation = default)
    {
        var ofClass = retentionClass is null ? "" : $"&class={Uri.EscapeDataString(retentionClass)}";
        var path = $"storage/{Uri.EscapeDataString(from)}/moves?to={Uri.EscapeDataString(to)}&after={after}&jobs={jobs}{ofClass}";
        return _connection.Ask(
            new(HttpMethod.Post, path) { Prepare = AcceptJson, ServerWait = TimeSpan.FromHours(4) },
            (response, token) => Read(response, WireJson.Default.MovePage, token),
            cancellation);
    }

    /// <summary>Makes the server look for objects that it does not know. Continue with <see cref="ScanPage.Next"/>.</summary>
    /// <param name="backend">Id of the backend.</param>
    /// <param name="after">Next of the page before; null begins.</param>
    /// <param name="delete">Deletes them; else they are only reported.</param>
    /// <param name="cancellation">Stops it; what was deleted is deleted.</param>
    public Task<ScanPage> ScanAsync(string backend, string? after, bool delete, CancellationToken cancellation = default)
    {
        var from = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
        var path = $"storage/{Uri.EscapeDataString(backend)}/scans?delete={(delete ? "true" : "false")}{from}";
        return _connection.Ask(
            new(HttpMethod.Post, path) { Prepare = AcceptJson, ServerWait = TimeSpan.FromHours(4) },
            (response, token) => Read(response, WireJson.Default.ScanPage, token),
            cancellation);
    }

    /// <summary>Makes the server compare the numbers that it shows with the rows. Continue with <see cref="RecountPage.Next"/>; null begins.</summary>
    public Task<RecountPage> RecountAsync(string? after, CancellationToken cancellation = default) => _connection.Ask(
        new(HttpMethod.Post, "maintenance/recounts" + (after is null ? "" : $"?after={Uri.EscapeDataString(after)}")) { Prepare = AcceptJson },
        (response, token) => Read(response, WireJson.Default.RecountPage, token),
        cancellation);

    public IAsyncEnumerable<MetadataSchema> ListMetadataSchemasAsync(CancellationToken cancellation = default) =>
        Pages("metadata-schemas", WireJson.Default.PageMetadataSchema, cancellation);

    public Task<MetadataSchema> GetMetadataSchemaAsync(string slug, CancellationToken cancellation = default) =>
        Get($"metadata-schemas/{Uri.EscapeDataString(slug)}", WireJson.Default.MetadataSchema, cancellation);

    /// <summary>Registering the same schema again changes nothing; another one under its slug is refused.</summary>
    public Task<MetadataSchema> RegisterMetadataSchemaAsync(MetadataSchema schema, CancellationToken cancellation = default) =>
        Post("metadata-schemas", schema, WireJson.Default.MetadataSchema, WireJson.Default.MetadataSchema, cancellation);

    private static string Text(PackageQuery query)
    {
        var text = new StringBuilder("?limit=200");
        Add("producer", query.Producer);
        Add("subject", query.Subject);
        Add("retention_class", query.RetentionClass);
        Add("status", query.Status);
        foreach (var (key, value) in query.Metadata) Add("metadata." + key, value);
        return text.ToString();

        void Add(string name, string? value)
        {
            if (value is not null) text.Append('&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
