using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record ApplyHoldRequest(string Kind, string? Covers, string Reason, string? Owner, DateTimeOffset? Until, string? HoldId);

public sealed class ApplyHold(RetentionService retention) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/holds", "apply_hold", "Holds a content, a producer, a subject or everything", StoreAction.Administer, RetentionWords.Hold)
    {
        Details = "`kind` is content, producer, subject or everything. `covers` is a content address, or a producer or subject: `a/b` covers "
            + "`a/b` and what lies below it, such as `a/b/c`, not `a/bc`. Packages that are created later are covered too.",
        Request = [new(Answer.Json, NativeJson.Default.ApplyHoldRequest)],
        Answers = [new(201, "The hold", new OperationBody(Answer.Json, NativeJson.Default.HoldBody))],
        Refusals =
        [
            ErrorCatalogue.ContentUnknown, ErrorCatalogue.AddressInvalid, ErrorCatalogue.HoldExists, ErrorCatalogue.ReasonMissing,
            ErrorCatalogue.RequestMalformed, ErrorCatalogue.JsonMalformed,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var body = await JsonBody.Read(http);
        if (!body.Succeeded) return body.Error;
        using var json = body.Value;
        var fields = new JsonFields(json.RootElement);
        var (name, covers) = (fields.RequiredText("kind"), fields.OptionalText("covers"));
        var kind = RetentionNames.TryHoldKind(name);
        var parsed = RetentionWords.Parse(ref fields, new(kind ?? HoldKind.Everything, covers ?? ""));
        if (!parsed.Succeeded) return parsed.Error;
        if (kind is null or HoldKind.Package)
        {
            return ErrorCatalogue.RequestMalformed.With(
                "'kind' must be content, producer, subject or everything; one package is held by POST /packages/{id}/retention/holds");
        }
        var applied = await Apply(caller, parsed.Value, http.RequestAborted);
        return applied.Succeeded
            ? await http.WriteJson(HoldBody.Of(applied.Value), NativeJson.Default.HoldBody, StatusCodes.Status201Created)
            : applied.Error;
    }

    private async Task<Outcome<HoldView>> Apply(Principal caller, NewHold hold, CancellationToken cancellation)
    {
        if (hold.Cover.Kind != HoldKind.Content) return await retention.Apply(caller, hold);
        return ContentAddress.TryParse(hold.Cover.Covers, null, out var address)
            ? await retention.ApplyToContent(caller, address, hold, cancellation)
            : ErrorCatalogue.AddressInvalid.With($"'{hold.Cover.Covers}' is not a content address");
    }
}
