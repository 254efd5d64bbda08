using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared;

/// <summary>
/// The one way out for bytes (design §6, step 12). A location that lost its bytes is never answered with "unknown": the journal is asked
/// again, and only what it still calls live is reported as failed.
/// </summary>
public sealed partial class ContentReader(IViews views, IGrains grains, IBlobStores stores, ILogger<ContentReader> logger)
{
    /// <summary>Each turn means that the location moved between the question and the opening.</summary>
    private const int MaxTurns = 4;

    /// <summary>A content that the scope may read and that has somewhere to be read from.</summary>
    public async Task<Outcome<ContentView>> Find(ReadScope scope, ContentAddress address, CancellationToken cancellation)
    {
        var content = await views.Content(scope, address, cancellation);
        if (content is null) return ErrorCatalogue.ContentUnknown.With($"{address} is not here, or nothing that you may read refers to it");
        return LiveIn(content) is null ? Missing(address) : content;
    }

    /// <summary>The bytes from <paramref name="offset"/>, <paramref name="length"/> of them. The caller disposes the stream.</summary>
    public async Task<Outcome<Stream>> Open(ReadScope scope, ContentView content, long offset, long length, CancellationToken cancellation)
    {
        var address = ContentAddress.Blake3(content.Digests.Blake3);
        LocationView? empty = null;
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            var location = LiveIn(content);
            if (location is null) return Missing(address);
            if (location == empty)
            {
                await Report(scope, location);
                return Missing(address);
            }
            var bytes = await stores.Get(location.Backend).Open(location.PhysicalKey, offset, length, cancellation);
            if (bytes is not null) return bytes;

            empty = location;
            var again = await Find(scope, address, cancellation);
            if (!again.Succeeded) return again.Error;
            content = again.Value;
        }
        return ErrorCatalogue.Overloaded.With($"{address} moved {MaxTurns} times while it was being opened");
    }

    private async Task Report(ReadScope scope, LocationView location)
    {
        LogBytesMissing(logger, location.Backend.Value, location.PhysicalKey);
        await grains.Call<IContentGrain>(
            ContentKey.Of(scope.Tenant, location.Backend, location.Content),
            grain => grain.ReportMissing(location, "a reader found no object at the key"));
    }

    private static LocationView? LiveIn(ContentView content)
    {
        foreach (var location in content.Locations)
        {
            if (location.State == LocationState.Live) return location;
        }
        return null;
    }

    private static Error Missing(ContentAddress address) =>
        ErrorCatalogue.BytesMissing.With($"no backend has the bytes of {address} any more");

    [LoggerMessage(
        EventId = 2011, Level = LogLevel.Error, Message = "Backend {Backend} has no object at {PhysicalKey}, which the journal calls live")]
    private static partial void LogBytesMissing(ILogger logger, string backend, string physicalKey);
}
