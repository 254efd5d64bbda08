using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record RetentionClassBody(string Slug, long? DefaultDurationSeconds, string Description);

public sealed record RetentionClassPage(IReadOnlyList<RetentionClassBody> Items);

public sealed class ListRetentionClasses(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/retention-classes", "list_retention_classes", "Lists the retention classes", StoreAction.Read, Words.Class)
    {
        Details = "A class without default_duration_seconds never expires.",
        Answers = [new(200, "All classes", new OperationBody(Answer.Json, NativeJson.Default.RetentionClassPage))],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var classes = await views.RetentionClasses(caller.Tenant, http.RequestAborted);
        var items = classes.Select(view => new RetentionClassBody(view.Slug, view.DefaultDurationSeconds, view.Description));
        return await http.WriteJson(new RetentionClassPage([.. items]), NativeJson.Default.RetentionClassPage);
    }
}
