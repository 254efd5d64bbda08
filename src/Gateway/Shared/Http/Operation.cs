using System.Text.Json.Serialization.Metadata;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// One route: what it is, in words for its readers, and what it does. A route can be mapped in no other way, so none is undescribed and
/// none forgets to ask who is calling.
/// </summary>
public interface IOperation
{
    static abstract OperationDescription Description { get; }

    /// <summary>Null when an answer was given; a refusal otherwise, which is rendered for it.</summary>
    Task<Error?> Handle(HttpContext http, Principal caller);
}

/// <param name="Needs">Null: anybody may, even when the store is locked.</param>
/// <param name="Kind">What it acts on, for the authorizer; the route value <c>id</c> names the one.</param>
public sealed record OperationDescription(string Method, string Pattern, string Id, string Summary, StoreAction? Needs, string Kind)
{
    public string? Details { get; init; }
    public bool AlsoHead { get; init; }
    public IReadOnlyList<OperationParameter> Parameters { get; init; } = [];
    public IReadOnlyList<OperationBody> Request { get; init; } = [];
    public IReadOnlyList<OperationAnswer> Answers { get; init; } = [];
    public IReadOnlyList<ErrorKind> Refusals { get; init; } = [];
}

public sealed record OperationParameter(
    string Name, ParameterPlace Place, string Description, bool Required = false, string Type = "string");

public enum ParameterPlace
{
    Path,
    Query,
    Header,
}

public sealed record OperationBody(string MediaType, JsonTypeInfo? Schema = null);

public sealed record OperationAnswer(int Status, string Description, params OperationBody[] Bodies);

public static class OperationMapping
{
    public static void MapOperation<TOperation>(this IEndpointRouteBuilder routes) where TOperation : class, IOperation
    {
        var description = TOperation.Description;
        var operation = ActivatorUtilities.CreateInstance<TOperation>(routes.ServiceProvider);
        var authorizer = routes.ServiceProvider.GetRequiredService<IAuthorizer>();
        string[] methods = description.AlsoHead ? [description.Method, HttpMethods.Head] : [description.Method];
        routes.MapMethods(description.Pattern, methods, http => Run(http, description, operation, authorizer))
            .WithMetadata(description)
            .WithDisplayName(description.Id);
    }

    private static async Task Run(HttpContext http, OperationDescription description, IOperation operation, IAuthorizer authorizer)
    {
        var caller = Caller(http, description, authorizer);
        var error = caller.Succeeded ? await operation.Handle(http, caller.Value) : caller.Error;
        if (error is not null) await Problem.Write(http, error);
    }

    private static Outcome<Principal> Caller(HttpContext http, OperationDescription description, IAuthorizer authorizer)
    {
        var authorization = http.Request.Headers.Authorization;
        var caller = authorizer.Authenticate(authorization.Count == 0 ? null : authorization.ToString());
        // What needs nothing is answered to a wrong token as to none.
        if (description.Needs is not { } action) return caller.Succeeded ? caller : authorizer.Authenticate(null);
        return caller.Succeeded
            ? authorizer.Authorize(caller.Value, action, new Resource(description.Kind, http.GetRouteValue("id") as string))
            : caller;
    }
}
