using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record ExtendRetentionRequest(DateTimeOffset NewExpiresAt, string Reason);

public sealed class ExtendRetention(RetentionService retention, IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/packages/{id}/retention/extensions", "extend_retention", "Keeps a package longer", StoreAction.Write, Words.Package)
    {
        Details = "The new expiry is later than the present one. A package that was eligible for deletion no longer is.",
        Parameters = [Words.PackageIdParameter],
        Request = [new(Answer.Json, NativeJson.Default.ExtendRetentionRequest)],
        Answers = [new(200, "How long it is kept now", new OperationBody(Answer.Json, NativeJson.Default.RetentionBody))],
        Refusals =
        [
            ErrorCatalogue.PackageUnknown, ErrorCatalogue.ExpiryNotLater, ErrorCatalogue.ReasonMissing, ErrorCatalogue.RequestMalformed,
            ErrorCatalogue.JsonMalformed,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var body = await JsonBody.Read(http);
        if (!body.Succeeded) return body.Error;
        using var json = body.Value;
        var fields = new JsonFields(json.RootElement);
        var (text, reason) = (fields.RequiredText("new_expires_at"), fields.RequiredText("reason"));
        if (fields.Fault() is { } fault) return fault;
        if (!RetentionWords.TryTime(text, out var expiry)) return RetentionWords.NoTime("new_expires_at");
        var extended = await retention.Extend(caller, id, expiry, reason);
        if (!extended.Succeeded) return extended.Error;
        var holds = await views.HoldsOn(extended.Value, RetentionBody.MaxHolds, http.RequestAborted);
        return await http.WriteJson(RetentionBody.Of(extended.Value, holds), NativeJson.Default.RetentionBody);
    }
}
