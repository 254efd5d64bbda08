using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record MissingRequest(IReadOnlyList<string> Addresses);

public sealed record MissingBody(IReadOnlyList<string> Missing);

public sealed class FindMissing(IViews views) : IOperation
{
    public const int MaxAddresses = 10_000;

    public static OperationDescription Description { get; } = new(
        "POST", "/contents/missing", "find_missing", "Tells which contents are not here", StoreAction.Read, Words.Content)
    {
        Details = $"At most {MaxAddresses} addresses. What the caller may not read is missing, whether it is here or not.",
        Request = [new(Answer.Json, NativeJson.Default.MissingRequest)],
        Answers = [new(200, "Those that are missing, in the order given", new OperationBody(Answer.Json, NativeJson.Default.MissingBody))],
        Refusals = [ErrorCatalogue.AddressInvalid, ErrorCatalogue.RequestMalformed, ErrorCatalogue.JsonMalformed],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var body = await JsonBody.Read(http);
        if (!body.Succeeded) return body.Error;
        using var json = body.Value;
        var fields = new JsonFields(json.RootElement);
        var texts = fields.RequiredTexts("addresses", MaxAddresses);
        if (fields.Fault() is { } fault) return fault;
        var addresses = new List<ContentAddress>(texts.Count);
        foreach (var text in texts)
        {
            if (!ContentAddress.TryParse(text, out var address))
                return ErrorCatalogue.AddressInvalid.With($"'{text}' is not a content address");
            addresses.Add(address);
        }
        var missing = addresses.Count == 0 ? [] : await views.Missing(caller.Scope, addresses, http.RequestAborted);
        return await http.WriteJson(new MissingBody([.. missing.Select(address => address.ToString())]), NativeJson.Default.MissingBody);
    }
}
