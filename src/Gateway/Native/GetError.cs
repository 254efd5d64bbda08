using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

public sealed record ErrorBody(string Code, int Status, string Title, bool Retryable, string Help);

/// <summary>What the <c>type</c> of a problem points to.</summary>
public sealed class GetError : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/errors/{code}", "get_error", "Explains an error code", Needs: null, Words.Store)
    {
        Parameters = [new("code", ParameterPlace.Path, "Code of a problem", Required: true)],
        Answers = [new(200, "What it means and what to do", new OperationBody(Answer.Json, NativeJson.Default.ErrorBody))],
        Refusals = [ErrorCatalogue.RouteUnknown],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var code = http.GetRouteValue("code") as string;
        var kind = ErrorCatalogue.All.FirstOrDefault(kind => kind.Code == code);
        return kind is null
            ? ErrorCatalogue.RouteUnknown.With($"'{code}' is not one of our error codes")
            : await http.WriteJson(
                new ErrorBody(kind.Code, kind.Status, kind.Title, kind.Retryable, kind.Help), NativeJson.Default.ErrorBody);
    }
}
