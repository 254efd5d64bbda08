using System.Collections.Frozen;

namespace ArtifactStore.Interfaces.Errors;

/// <summary>
/// Every refusal the store can give, on any door. <c>docs/errors.md</c> is generated from this list and a test fails when it is stale.
/// Codes are a contract with clients: they are added, never renamed.
/// </summary>
public static class ErrorCatalogue
{
    private static readonly List<ErrorKind> Lines = [];

    public static readonly ErrorKind Unauthorized = Line("unauthorized", 401, "Authentication is required", false,
        "Send 'Authorization: Bearer <token>' with one of the tokens of ARTIFACTSTORE_AUTH_TOKENS. Without configured tokens the store is locked.");
    public static readonly ErrorKind Forbidden = Line("forbidden", 403, "Not allowed", false,
        "The caller is known but may not do this.");
    public static readonly ErrorKind RouteUnknown = Line("route_unknown", 404, "No such route", false,
        "See /docs for the routes of this store.");
    public static readonly ErrorKind MethodNotAllowed = Line("method_not_allowed", 405, "The route does not take this method", false,
        "The Allow header lists the methods it takes.");
    public static readonly ErrorKind PackageUnknown = Line("package_unknown", 404, "No such package", false,
        "List packages with GET /packages.");
    public static readonly ErrorKind FileUnknown = Line("file_unknown", 404, "No such file", false,
        "List the files of a package with GET /packages/{id}/files.");
    public static readonly ErrorKind ContentUnknown = Line("content_unknown", 404, "No such content", false,
        "The address is not in the store, or nothing that you may read refers to it.");
    public static readonly ErrorKind SchemaUnknown = Line("schema_unknown", 404, "No such metadata schema", false,
        "Register it with POST /metadata-schemas.");
    public static readonly ErrorKind BackendUnknown = Line("backend_unknown", 404, "No such storage backend", false,
        "GET /health lists the backends of this store; ARTIFACTSTORE_STORAGE_BACKENDS configures them.");
    public static readonly ErrorKind ManifestNotReady = Line("manifest_not_ready", 409, "The package has no manifest yet", false,
        "A manifest exists once the package is finalized.");
    public static readonly ErrorKind BytesMissing = Line("bytes_missing", 410, "The bytes of this content are not where they should be", false,
        "The location is marked failed and /health reports it. Push the same bytes again to heal it.");
    public static readonly ErrorKind RequestMalformed = Line("request_malformed", 400, "The request is malformed", false,
        "The detail names the field or the header.");
    public static readonly ErrorKind JsonMalformed = Line("json_malformed", 400, "The body is not acceptable JSON", false,
        "Send one JSON object in UTF-8, without duplicate keys and not nested deeper than 32 levels.");
    public static readonly ErrorKind PathInvalid = Line("path_invalid", 400, "The path is not acceptable", false,
        "A path is relative, in UTF-8, at most 1024 bytes, without '.', '..' or empty segments, backslashes or control characters.");
    public static readonly ErrorKind AddressInvalid = Line("address_invalid", 400, "Not a content address", false,
        "An address is blake3:<64 hex> or sha256:<64 hex>.");
    public static readonly ErrorKind CursorInvalid = Line("cursor_invalid", 400, "The cursor is not one of ours", false,
        "Pass next_cursor of the previous page unchanged, with the same filters.");
    public static readonly ErrorKind ClassUnknown = Line("class_unknown", 422, "No such retention class", false,
        "The classes are transient, raw-evidence, summary-evidence, release-evidence and permanent-record.");
    public static readonly ErrorKind SchemaNotRegistered = Line("schema_not_registered", 422, "The package names a schema that is not registered", false,
        "Register it with POST /metadata-schemas first, or create the package without a schema.");
    public static readonly ErrorKind MetadataInvalid = Line("metadata_invalid", 422, "The metadata does not satisfy its schema", false,
        "The detail lists what failed and where.");
    public static readonly ErrorKind SchemaUnsupported = Line("schema_unsupported", 422, "The schema uses something this store does not enforce", false,
        "docs/formats/metadata-schema.md states the supported subset. What cannot be enforced is refused, never ignored.");
    public static readonly ErrorKind SchemaExists = Line("schema_exists", 409, "Another schema has this slug", false,
        "A registered schema is immutable; register the new one under another slug, such as the next version.");
    public static readonly ErrorKind DigestMismatch = Line("digest_mismatch", 422, "The bytes are not those that were announced", false,
        "Nothing was kept. Compare the digest that you sent with the bytes that you sent.");
    public static readonly ErrorKind PathTaken = Line("path_taken", 409, "The package already has a file at this path", false,
        "Files of a package are never replaced. Use another path or another package.");
    public static readonly ErrorKind PackageNotOpen = Line("package_not_open", 409, "The package is not open for files", false,
        "A finalized package never changes. Create another one.");
    public static readonly ErrorKind HoldUnknown = Line("hold_unknown", 404, "No such hold", false,
        "List the holds that stand with GET /holds. Released ones are in the history.");
    public static readonly ErrorKind HoldExists = Line("hold_exists", 409, "A hold with this id stands already", false,
        "Send another hold_id, or none: the store makes one.");
    public static readonly ErrorKind Held = Line("held", 409, "A hold keeps this package", false,
        "The detail names the holds. Release them, each with a reason, and ask again.");
    public static readonly ErrorKind PackagePermanent = Line("package_permanent", 409, "The package is kept for ever", false,
        "What was created to never expire is not deleted on request either.");
    public static readonly ErrorKind ExpiryNotLater = Line("expiry_not_later", 422, "The new expiry is not later", false,
        "An extension goes beyond the present expiry and into the future. What never expires cannot be extended.");
    public static readonly ErrorKind ReasonMissing = Line("reason_missing", 422, "A reason is needed", false,
        "Say why in 'reason'; it stands in the log for ever.");
    public static readonly ErrorKind PackageGone = Line("package_gone", 410, "The package is gone", false,
        "Its collection has begun or ended; GET /packages/{id}/retention/history tells when and why.");
    public static readonly ErrorKind PlanUnknown = Line("plan_unknown", 404, "No such plan", false,
        "List the plans of this store with GET /retention/plans.");
    public static readonly ErrorKind PlanExpired = Line("plan_expired", 409, "The plan is no longer valid", false,
        "Nothing was deleted. Make another one with POST /retention/plans and look at it.");
    public static readonly ErrorKind PlanAlreadyRun = Line("plan_already_run", 409, "The plan was run already", false,
        "A plan runs once; what it skipped is for another plan. GET /retention/plans/{id} tells what its run did.");
    public static readonly ErrorKind PackageBusy = Line("package_busy", 409, "The package changed while it was being finalized", true,
        "Finalize after the last upload has been answered.");
    public static readonly ErrorKind PackageExists = Line("package_exists", 409, "A package with this id exists", false,
        "Ids are made by the store; this is a repeat of an earlier call.");
    public static readonly ErrorKind IdempotencyKeyReused = Line("idempotency_key_reused", 422, "The idempotency key belongs to another request", false,
        "A key names one request for ever: send the same body with it, or a new key.");
    public static readonly ErrorKind PreconditionFailed = Line("precondition_failed", 412, "A precondition does not hold", false,
        "The If-Match or If-Unmodified-Since of the request does not fit the present state.");
    public static readonly ErrorKind RangeUnsatisfiable = Line("range_unsatisfiable", 416, "None of the ranges lies in the content", false,
        "Content-Range of this answer tells the size.");
    public static readonly ErrorKind BodyIncomplete = Line("body_incomplete", 400, "The body ended before it was complete", true,
        "Nothing was kept. Send it again.");
    public static readonly ErrorKind BodyTooLarge = Line("body_too_large", 413, "The body is larger than this route takes", false,
        "The detail names the limit. File uploads have no limit.");
    public static readonly ErrorKind HeadersTooLarge = Line("headers_too_large", 431, "The request's headers are too large", false,
        "All headers together take at most 32 KiB.");
    public static readonly ErrorKind MediaTypeUnsupported = Line("media_type_unsupported", 415, "The route does not take this media type", false,
        "The detail names what it takes.");
    public static readonly ErrorKind NotAcceptable = Line("not_acceptable", 406, "None of the accepted media types can be given", false,
        "The detail names what can be given.");
    public static readonly ErrorKind StorageFull = Line("storage_full", 507, "The storage is full", true,
        "Nothing was kept. Try again when there is room.");
    public static readonly ErrorKind StorageUnavailable = Line("storage_unavailable", 503, "The storage cannot be reached", true,
        "Nothing was kept. /health tells which backend; try again later.");
    public static readonly ErrorKind DatabaseUnavailable = Line("database_unavailable", 503, "The database cannot be reached", true,
        "What was not answered is whole or absent. Try again later.");
    public static readonly ErrorKind Overloaded = Line("overloaded", 503, "The store is busy", true,
        "A queue is at its limit. Try again after the time in Retry-After.");
    public static readonly ErrorKind Internal = Line("internal", 500, "The store failed", false,
        "This is a bug or damaged storage. The log of the server has the details under the same trace id.");

    public static IReadOnlyList<ErrorKind> All => Lines;

    private static readonly FrozenDictionary<string, ErrorKind> ByCode = Lines.ToFrozenDictionary(line => line.Code);

    public static ErrorKind Get(string code) => ByCode[code];

    public static Error With(this ErrorKind kind, string detail) => new(kind.Code, detail);

    private static ErrorKind Line(string code, int status, string title, bool retryable, string help)
    {
        var kind = new ErrorKind(code, status, title, retryable, help);
        Lines.Add(kind);
        return kind;
    }
}
