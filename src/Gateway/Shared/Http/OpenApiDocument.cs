using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// OpenAPI 3.1 from the descriptions that the routes were mapped with, so it cannot name a route that is not there or miss one that is.
/// Schemas are those of the serializer that writes the bodies.
/// </summary>
public static partial class OpenApiDocument
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        // Never put into a page: escaping '+' and '`' would only make the document hard to read.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Refine,
    };

    public static byte[] Write(IEnumerable<OperationDescription> operations, string version)
    {
        var paths = new JsonObject();
        foreach (var operation in operations)
        {
            var path = CatchAll().Replace(operation.Pattern, "{${name}}");
            if (paths[path] is not JsonObject methods) paths[path] = methods = [];
            methods[operation.Method.ToLowerInvariant()] = Operation(operation, operation.Id);
            if (operation.AlsoHead) methods["head"] = Operation(operation, $"{operation.Id}_head");
        }
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Artifact Store",
                ["version"] = version,
                ["description"] = "Bytes stored once under their content address, packages of files with a manifest that proves them, "
                    + "and the event log that everything else is computed from.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject { ["Problem"] = ProblemSchema() },
                ["securitySchemes"] = new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Operation(OperationDescription operation, string id)
    {
        var node = new JsonObject
        {
            ["operationId"] = id,
            ["tags"] = new JsonArray(operation.Kind),
            ["summary"] = operation.Summary,
        };
        if (operation.Details is not null) node["description"] = operation.Details;
        if (operation.Parameters.Count > 0) node["parameters"] = new JsonArray([.. operation.Parameters.Select(Parameter)]);
        if (operation.Request.Count > 0)
            node["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(operation.Request) };
        node["responses"] = Responses(operation);
        node["security"] = operation.Needs is null ? new JsonArray() : new JsonArray(new JsonObject { ["bearer"] = new JsonArray() });
        return node;
    }

    private static JsonObject Parameter(OperationParameter parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = parameter.Place.ToString().ToLowerInvariant(),
        ["description"] = parameter.Description,
        ["required"] = parameter.Required,
        ["schema"] = new JsonObject { ["type"] = parameter.Type },
    };

    private static JsonObject Responses(OperationDescription operation)
    {
        var responses = new JsonObject();
        foreach (var answer in operation.Answers)
        {
            var node = new JsonObject { ["description"] = answer.Description };
            if (answer.Bodies.Length > 0) node["content"] = Content(answer.Bodies);
            responses[answer.Status.ToString()] = node;
        }
        var refusals = operation.Needs is null ? operation.Refusals : operation.Refusals.Prepend(ErrorCatalogue.Unauthorized);
        foreach (var status in refusals.Append(ErrorCatalogue.Internal).GroupBy(kind => kind.Status).OrderBy(group => group.Key))
        {
            responses[status.Key.ToString()] = new JsonObject
            {
                ["description"] = string.Join("; ", status.Select(kind => $"`{kind.Code}`: {kind.Title}")),
                ["content"] = new JsonObject
                {
                    [Problem.MediaType] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" } },
                },
            };
        }
        return responses;
    }

    private static JsonObject Content(IReadOnlyList<OperationBody> bodies)
    {
        var content = new JsonObject();
        foreach (var body in bodies)
        {
            var schema = body.Schema is null ? new JsonObject() : body.Schema.GetJsonSchemaAsNode(Exporter);
            content[body.MediaType] = new JsonObject { ["schema"] = schema };
        }
        return content;
    }

    /// <summary>Our converters write what the exporter cannot see.</summary>
    private static JsonNode Refine(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(DateTimeOffset)) return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        if (type == typeof(CanonicalDocument)) return new JsonObject { ["type"] = "object" };
        return schema;
    }

    private static JsonObject ProblemSchema()
    {
        static JsonObject Of(string type) => new() { ["type"] = type };
        return new()
        {
            ["type"] = "object",
            ["description"] = "RFC 9457 problem details",
            ["properties"] = new JsonObject
            {
                ["type"] = Of("string"),
                ["title"] = Of("string"),
                ["status"] = Of("integer"),
                ["detail"] = Of("string"),
                ["code"] = Of("string"),
                ["help"] = Of("string"),
                ["retryable"] = Of("boolean"),
                ["trace_id"] = Of("string"),
            },
        };
    }

    [GeneratedRegex(@"\{\*\*(?<name>[a-z_]+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CatchAll();
}
