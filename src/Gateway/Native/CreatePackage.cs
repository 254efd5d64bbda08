using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record CreatePackageRequest(
    string Name, string Producer, string Subject, string RetentionClass, CanonicalDocument? Metadata, string? MetadataSchema);

public sealed class CreatePackage(PackageCreation packages) : IOperation
{
    private const string IdempotencyKey = "Idempotency-Key";

    public static OperationDescription Description { get; } = new(
        "POST", "/packages", "create_package", "Creates a package", StoreAction.Write, Words.Package)
    {
        Details = "The package is open for files until it is finalized. Its expiry follows from the retention class and is fixed now.",
        Parameters =
        [
            new(IdempotencyKey, ParameterPlace.Header, "A repeat with the same key and body answers with the package of the first time"),
        ],
        Request = [new(Answer.Json, NativeJson.Default.CreatePackageRequest)],
        Answers = [new(201, "The package; Location names it", new OperationBody(Answer.Json, NativeJson.Default.PackageBody))],
        Refusals =
        [
            ErrorCatalogue.RequestMalformed, ErrorCatalogue.JsonMalformed, ErrorCatalogue.ClassUnknown, ErrorCatalogue.SchemaNotRegistered,
            ErrorCatalogue.MetadataInvalid, ErrorCatalogue.IdempotencyKeyReused,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var body = await JsonBody.Read(http);
        if (!body.Succeeded) return body.Error;
        using var json = body.Value;
        var key = http.Request.Headers.TryGetValue(IdempotencyKey, out var keys) ? keys.ToString() : null;
        var parsed = Parse(new JsonFields(json.RootElement), key);
        if (!parsed.Succeeded) return parsed.Error;

        var created = await packages.Create(caller, parsed.Value, http.RequestAborted);
        if (!created.Succeeded) return created.Error;
        http.Response.Headers.Location = $"/packages/{created.Value.Id}";
        return await http.WriteJson(PackageBody.Of(created.Value), NativeJson.Default.PackageBody, StatusCodes.Status201Created);
    }

    private static Outcome<NewPackage> Parse(JsonFields fields, string? idempotencyKey)
    {
        var package = new NewPackage(
            fields.RequiredText("name"),
            fields.RequiredText("producer"),
            fields.RequiredText("subject"),
            fields.RequiredText("retention_class"),
            fields.OptionalDocument("metadata") ?? CanonicalDocument.EmptyMap,
            fields.OptionalText("metadata_schema"),
            idempotencyKey);
        return fields.Fault() is { } fault ? fault : package;
    }
}
