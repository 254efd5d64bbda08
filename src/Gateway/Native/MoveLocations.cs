using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

/// <summary>
/// One page of <c>artifactstore storage move</c>. The caller asks for the next one: so it can stop between two, and go on another day.
/// </summary>
public sealed class MoveLocations(LocationMover mover) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/storage/{id}/moves", "move_locations", "Moves a page of a backend's contents to another backend",
        StoreAction.Administer, Words.Store)
    {
        Details = "Each is copied, compared and let go where it was, in one step; readers and writers go on. Ask again with `after` = `next` "
            + "until `next` is null. With `class` only what packages of that class use is moved, for everybody who uses it.",
        Parameters =
        [
            new("id", ParameterPlace.Path, "Id of the backend that has the contents", Required: true),
            new("to", ParameterPlace.Query, "Id of the backend that gets them", Required: true),
            new("class", ParameterPlace.Query, "Slug of a retention class; absent moves everything"),
            LocationPages.After, LocationPages.Jobs,
        ],
        Answers = [new(200, "What was moved", new OperationBody(Answer.Json, NativeJson.Default.MovePage))],
        Refusals =
        [
            ErrorCatalogue.BackendUnknown, ErrorCatalogue.ClassUnknown, ErrorCatalogue.RequestMalformed, ErrorCatalogue.StorageFull,
            ErrorCatalogue.StorageUnavailable,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var to = query.Text("to");
        var retentionClass = query.Text("class");
        var (after, jobs) = LocationPages.Of(query);
        if (to is null) query.Refuse("'to' must name a backend");
        if (query.Fault() is { } malformed) return malformed;
        var from = (string)http.GetRouteValue("id")!;
        if (await mover.FindFault(caller.Tenant, from, to!, retentionClass, http.RequestAborted) is { } fault) return fault;
        try
        {
            var page = await mover.Page(new(from), new(to!), retentionClass, after, jobs, http.RequestAborted);
            return await http.WriteJson(page, NativeJson.Default.MovePage);
        }
        catch (MoveStoppedException stopped)
        {
            // Whoever may administer the store is told what /health tells them: which setting to look at.
            return (stopped.IsFull ? ErrorCatalogue.StorageFull : ErrorCatalogue.StorageUnavailable).With(stopped.Message);
        }
    }
}
