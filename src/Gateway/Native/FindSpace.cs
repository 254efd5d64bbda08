using System.Globalization;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Packages;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>A set of packages whose deletion frees room.</summary>
public sealed record SpaceBody(
    long WantedBytes,
    long FreedBytes,
    bool Enough,
    string Conclusion,
    long AsOfSequence,
    long ExaminedPackages,
    long HeldPackages,
    bool Complete,
    int PackageCount,
    IReadOnlyList<SpacePackageBody> Packages)
{
    public static SpaceBody Of(SpaceFound found) => new(
        found.Wanted, found.Frees, found.IsEnough, Conclude(found), found.AsOfSequence, found.Examined, found.Held, found.IsComplete,
        found.IsEnough ? found.Packages.Count : 0, found.IsEnough ? [.. found.Packages.Select(SpacePackageBody.Of)] : []);

    private static string Conclude(SpaceFound found)
    {
        if (found.IsEnough) return string.Create(CultureInfo.InvariantCulture, $"Deleting these {found.Packages.Count} packages frees {found.Frees} bytes.");
        var window = found.IsComplete ? "" : $", of the {found.Examined} packages that were looked at, which expire soonest";
        var held = found.Held > 0 ? $"; holds keep {(found.Held == 1 ? "one package" : $"{found.Held} packages")}" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"At most {found.Frees} bytes can be freed by deleting packages{window}{held}.");
    }
}

public sealed record SpacePackageBody(
    string Id, string Name, string Producer, string Subject, string RetentionClass, DateTimeOffset? ExpiresAt, long TotalBytes)
{
    public static SpacePackageBody Of(PackageView package) => new(
        package.Id.ToString(), package.Name, package.Producer, package.Subject, package.RetentionClass, package.ExpiresAt, package.TotalBytes);
}

public sealed class FindSpace(SpaceSearch search) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/explain", "find_space", "Finds packages whose deletion frees so many bytes", StoreAction.Read, Words.Store)
    {
        Details = "Changes nothing. `packages` is a set that frees at least `free` bytes when exactly these are deleted and collected: bytes that are "
            + "shared count only when all that refers to them is in the set, and a package that is held or never expires is out. Found greedily, "
            + $"among what is marked already and then what expires soonest: up to {SpaceSearch.MaxPackages:#,0} packages with "
            + $"{SpaceSearch.MaxReferences:#,0} references together. When that does not reach, `freed_bytes` says how much could be freed.",
        Parameters = [new("free", ParameterPlace.Query, "How many bytes: 500, 10GB, 1.5TiB", Required: true)],
        Answers = [new(200, "The set, or how much at most", new OperationBody(Answer.Json, NativeJson.Default.SpaceBody))],
        Refusals = [ErrorCatalogue.RequestMalformed],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var text = query.Text("free");
        if (!ByteSize.TryParse(text, out var size) || size.Bytes == 0) query.Refuse($"'free' must be {ByteSize.Shape}, and more than nothing");
        if (query.Fault() is { } fault) return fault;
        var found = await search.Find(caller.Tenant, size.Bytes, http.RequestAborted);
        return await http.WriteJson(SpaceBody.Of(found), NativeJson.Default.SpaceBody);
    }
}
