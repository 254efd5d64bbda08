using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Retention;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record ApplyPackageHoldRequest(string Reason, string? Owner, DateTimeOffset? Until, string? HoldId);

public sealed class ApplyPackageHold(RetentionService retention) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/packages/{id}/retention/holds", "apply_package_hold", "Holds a package", StoreAction.Write, Words.Package)
    {
        Details = "While a hold stands the package is not deleted, whoever asks. Many may stand at once. `owner` is the caller if absent; "
            + "a hold with `until` is released by the first sweep after that time.",
        Parameters = [Words.PackageIdParameter],
        Request = [new(Answer.Json, NativeJson.Default.ApplyPackageHoldRequest)],
        Answers = [new(201, "The hold", new OperationBody(Answer.Json, NativeJson.Default.HoldBody))],
        Refusals =
        [
            ErrorCatalogue.PackageUnknown, ErrorCatalogue.HoldExists, ErrorCatalogue.ReasonMissing, ErrorCatalogue.RequestMalformed,
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
        var hold = RetentionWords.Parse(ref fields, new(HoldKind.Package, id.ToString()));
        if (!hold.Succeeded) return hold.Error;
        var applied = await retention.Apply(caller, hold.Value);
        return applied.Succeeded
            ? await http.WriteJson(HoldBody.Of(applied.Value), NativeJson.Default.HoldBody, StatusCodes.Status201Created)
            : applied.Error;
    }
}
