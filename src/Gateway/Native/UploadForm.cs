using System.Text;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace ArtifactStore.Gateway.Native;

/// <summary>A multipart form, read up to the start of its file.</summary>
internal sealed record UploadForm(string? RelativePath, string? MediaType, ExpectedDigests Expected, Stream File)
{
    private const int MaxFieldBytes = 4096;
    private const int MaxFields = 8;
    private const int MaxBoundaryLength = 70;

    public static async Task<Outcome<UploadForm>> Open(HttpContext http)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return ErrorCatalogue.MediaTypeUnsupported.With("this route takes multipart/form-data; PUT takes the bytes alone");
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > MaxBoundaryLength)
            return ErrorCatalogue.RequestMalformed.With("the form has no usable boundary (RFC 2046 §5.1.1)");
        try
        {
            return await ReadToFile(new MultipartReader(boundary, http.Request.Body), http.RequestAborted);
        }
        catch (InvalidDataException exception)
        {
            return ErrorCatalogue.RequestMalformed.With(exception.Message);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            return ErrorCatalogue.BodyIncomplete.With("the form ended before its file");
        }
    }

    private static async Task<Outcome<UploadForm>> ReadToFile(MultipartReader reader, CancellationToken cancellation)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                return ErrorCatalogue.RequestMalformed.With("a part of the form has no Content-Disposition");
            var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            if (name is not ("relative_path" or "media_type" or "content_address")) return WithFile(reader, section, disposition, fields);
            if (fields.Count == MaxFields) return ErrorCatalogue.RequestMalformed.With("the form has too many fields");
            if (await ReadField(section.Body, cancellation) is not { } value)
                return ErrorCatalogue.RequestMalformed.With($"'{name}' is longer than {MaxFieldBytes} bytes or not valid UTF-8");
            if (!fields.TryAdd(name, value)) return ErrorCatalogue.RequestMalformed.With($"'{name}' is given more than once");
        }
        return ErrorCatalogue.RequestMalformed.With("the form has no file");
    }

    private static Outcome<UploadForm> WithFile(
        MultipartReader reader, MultipartSection section, ContentDispositionHeaderValue disposition, Dictionary<string, string> fields)
    {
        var expected = ExpectedDigests.None;
        if (fields.TryGetValue("content_address", out var text))
        {
            if (!ContentAddress.TryParse(text, out var address))
                return ErrorCatalogue.AddressInvalid.With("'content_address' is not a content address");
            expected = ExpectedDigests.Of(address);
        }
        var filename = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
        return new UploadForm(
            fields.GetValueOrDefault("relative_path") ?? filename.ToString(),
            fields.GetValueOrDefault("media_type") ?? section.ContentType,
            expected,
            new LastPartStream(reader, section.Body));
    }

    private static async Task<string?> ReadField(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > MaxFieldBytes || !System.Text.Unicode.Utf8.IsValid(buffer.AsSpan(0, length))) return null;
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
