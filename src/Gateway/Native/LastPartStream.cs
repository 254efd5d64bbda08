using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ArtifactStore.Gateway.Native;

/// <summary>
/// The file part of a form. Invariant: its end is reported only when the form's own end was seen right after it, so that a form that was
/// cut off, or goes on with parts nobody expects, is refused while nothing is kept yet.
/// </summary>
internal sealed class LastPartStream(MultipartReader reader, Stream part) : ForwardStream
{
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _ended) return 0;
        try
        {
            var read = await part.ReadAsync(buffer, cancellationToken);
            if (read > 0) return read;
            if (await reader.ReadNextSectionAsync(cancellationToken) is not null)
                throw new RefusedBodyException(ErrorCatalogue.RequestMalformed.With("the file must be the last part of the form"));
            _ended = true;
            return 0;
        }
        catch (InvalidDataException exception)
        {
            throw new RefusedBodyException(ErrorCatalogue.RequestMalformed.With(exception.Message));
        }
        catch (IOException exception) when (exception is not (BadHttpRequestException or RefusedBodyException))
        {
            // The reader's word for "no closing boundary".
            throw new RefusedBodyException(ErrorCatalogue.BodyIncomplete.With("the form ended before its closing boundary"));
        }
    }
}
