using System.Text.RegularExpressions;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.MetadataSchemas;
using Microsoft.AspNetCore.Http;
using Command = ArtifactStore.Interfaces.MetadataSchemas.RegisterMetadataSchema;

namespace ArtifactStore.Gateway.Native;

public sealed record RegisterSchemaRequest(string Slug, CanonicalDocument JsonSchema);

public sealed record SchemaBody(string Slug, CanonicalDocument JsonSchema, DateTimeOffset RegisteredAt, string RegisteredBy)
{
    public static SchemaBody Of(MetadataSchemaView view) => new(view.Slug, view.Schema, view.RegisteredAt, view.RegisteredBy);
}

public sealed partial class RegisterMetadataSchema(IGrains grains, IIds ids, TimeProvider time) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/metadata-schemas", "register_metadata_schema", "Registers a schema that packages can name",
        StoreAction.Write, Words.Schema)
    {
        Details = "A schema is immutable: the same document again changes nothing, another one under the same slug is refused.",
        Request = [new(Answer.Json, NativeJson.Default.RegisterSchemaRequest)],
        Answers = [new(201, "The schema; Location names it", new OperationBody(Answer.Json, NativeJson.Default.SchemaBody))],
        Refusals =
        [
            ErrorCatalogue.SchemaExists, ErrorCatalogue.SchemaUnsupported, ErrorCatalogue.RequestMalformed, ErrorCatalogue.JsonMalformed,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var body = await JsonBody.Read(http);
        if (!body.Succeeded) return body.Error;
        using var json = body.Value;
        var parsed = Parse(new JsonFields(json.RootElement));
        if (!parsed.Succeeded) return parsed.Error;

        var (slug, schema) = parsed.Value;
        var command = new Command(new AppendId(ids.Next()), caller.Tenant, caller.Actor, time.GetUtcNow(), slug, schema);
        var registered = await grains.Call<IMetadataSchemaGrain, Outcome<MetadataSchemaView>>(
            $"{caller.Tenant}/{slug}", grain => grain.Register(command));
        if (!registered.Succeeded) return registered.Error;
        http.Response.Headers.Location = $"/metadata-schemas/{slug}";
        return await http.WriteJson(SchemaBody.Of(registered.Value), NativeJson.Default.SchemaBody, StatusCodes.Status201Created);
    }

    private static Outcome<RegisterSchemaRequest> Parse(JsonFields fields)
    {
        var request = new RegisterSchemaRequest(fields.RequiredText("slug"), fields.RequiredDocument("json_schema"));
        if (fields.Fault() is { } fault) return fault;
        return Slug().IsMatch(request.Slug)
            ? request
            : ErrorCatalogue.RequestMalformed.With(
                "'slug' must be 1 to 128 of a-z, 0-9, '.', '-' and '_', beginning with a letter or digit");
    }

    /// <summary>A slug stands in URLs and grain keys, so it holds nothing that either would have to escape.</summary>
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,127}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Slug();
}
