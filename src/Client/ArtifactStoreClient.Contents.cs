using System.Net.Http.Json;
using ArtifactStore.Client.Transport;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>Bytes on their way in: ask what is missing, link what is there, upload the rest.</summary>
public sealed partial class ArtifactStoreClient
{
    /// <summary>The most addresses, or links, that one call takes.</summary>
    public const int MaxBatch = 1000;

    /// <summary>From this size on it is cheaper to hear a refusal before the body is sent.</summary>
    private const long ExpectContinueBytes = 1024 * 1024;

    /// <summary>Which of these the store does not have, as far as the caller may know. At most <see cref="MaxBatch"/>.</summary>
    public async Task<IReadOnlySet<ContentAddress>> MissingAsync(
        IReadOnlyList<ContentAddress> addresses, CancellationToken cancellation = default)
    {
        if (addresses.Count > MaxBatch) throw new ArgumentException($"more than {MaxBatch} addresses", nameof(addresses));
        var answer = await Post(
            "contents/missing", new AddressList(addresses), BatchJson.Default.AddressList, BatchJson.Default.MissingList, cancellation);
        return answer.Missing.ToHashSet();
    }

    /// <summary>Puts contents that the store has into the package; one result for each, in order. At most <see cref="MaxBatch"/>.</summary>
    public async Task<IReadOnlyList<LinkResult>> LinkAsync(PackageId package, IReadOnlyList<Link> links, CancellationToken cancellation = default)
    {
        if (links.Count > MaxBatch) throw new ArgumentException($"more than {MaxBatch} links", nameof(links));
        var answer = await Post(
            $"packages/{package}/files:link", new LinkRequest(links), BatchJson.Default.LinkRequest, BatchJson.Default.LinkAnswer, cancellation);
        return answer.Items.Count == links.Count
            ? answer.Items
            : throw new ArtifactStoreException(StoreFailure.NotAStore, $"{links.Count} links were answered with {answer.Items.Count} results");
    }

    /// <summary>
    /// Uploads one file. The store keeps it only when the bytes are those of <paramref name="expected"/>, so repeating it is safe: when
    /// the path is taken, the file that is there is asked for, and is the answer if its content is the expected one.
    /// </summary>
    /// <param name="package">An open package.</param>
    /// <param name="path">Where in the package.</param>
    /// <param name="file">What to send.</param>
    /// <param name="moved">Told of each piece that was handed to the network, repeats included.</param>
    /// <param name="cancellation">Stops the upload; nothing is kept of it.</param>
    /// <exception cref="SourceChangedException">The stream is shorter than announced.</exception>
    public async Task<PackageFile> PutFileAsync(
        PackageId package, RelativePath path, Upload file, Action<int>? moved = null, CancellationToken cancellation = default)
    {
        try
        {
            return await Put(package, path, file, moved, cancellation);
        }
        catch (ArtifactStoreException refused) when (refused.Is(ErrorCatalogue.PathTaken))
        {
            var there = await FindFileAsync(package, path, cancellation);
            if (there?.ContentAddress == file.Expected) return there;
            throw;
        }
    }

    /// <summary>The file at a path; null when there is none.</summary>
    public async Task<PackageFile?> FindFileAsync(PackageId package, RelativePath path, CancellationToken cancellation = default)
    {
        await foreach (var file in ListFilesAsync(package, cancellation).WithCancellation(cancellation))
        {
            var order = PathOrder.Compare(file.RelativePath, path.Value);
            if (order == 0) return file;
            if (order > 0) return null;
        }
        return null;
    }

    private async Task<PackageFile> Put(PackageId package, RelativePath path, Upload file, Action<int>? moved, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var source = file.Open();
                using var timer = _connection.TimerFor(new(HttpMethod.Put, ""), cancellation);
                var call = new Call(HttpMethod.Put, $"packages/{package}/files/{Escape(path)}")
                {
                    Body = () => Body(source, file, timer, moved),
                    Prepare = request =>
                    {
                        AcceptJson(request);
                        request.Headers.Add("X-Content-Address", file.Expected.ToString());
                        request.Headers.ExpectContinue = file.Size >= ExpectContinueBytes;
                    },
                };
                return await _connection.Once(call, timer, (response, token) => Read(response, WireJson.Default.PackageFile, token));
            }
            catch (ArtifactStoreException failure) when (_connection.MayRepeat(failure, attempt))
            {
                await _connection.WaitAfter(failure, attempt, cancellation);
            }
        }
    }

    private static UploadContent Body(Stream source, Upload file, StallTimer timer, Action<int>? moved)
    {
        var content = new UploadContent(source, file.Size, bytes =>
        {
            timer.Moved();
            moved?.Invoke(bytes);
        });
        content.Headers.TryAddWithoutValidation("Content-Type", file.MediaType.Value);
        return content;
    }

    private static string Escape(RelativePath path) => string.Join('/', path.Value.Split('/').Select(Uri.EscapeDataString));
}

/// <summary>A body to upload: what it is, how long, and how to open it, once for each attempt.</summary>
public sealed record Upload(ContentAddress Expected, long Size, MediaType MediaType, Func<Stream> Open);
