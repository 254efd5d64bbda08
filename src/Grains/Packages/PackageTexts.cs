using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Grains.Packages;

/// <summary>The limits of what a creator may say about a package. Null: acceptable.</summary>
internal static class PackageTexts
{
    public static Error? Refusal(CreatePackage command) =>
        Text("name", command.Name, PackageLimits.MaxNameLength)
        ?? Text("producer", command.Producer, PackageLimits.MaxProducerLength)
        ?? Text("subject", command.Subject, PackageLimits.MaxSubjectLength)
        ?? Text("retention_class", command.RetentionClass, PackageLimits.MaxNameLength)
        ?? (command.MetadataSchema is null ? null : Text("metadata_schema", command.MetadataSchema, PackageLimits.MaxNameLength))
        ?? (command.IdempotencyKey is null ? null : Text("Idempotency-Key", command.IdempotencyKey, PackageLimits.MaxIdempotencyKeyLength))
        ?? Metadata(command);

    internal static Error? Text(string field, string value, int maxLength)
    {
        if (string.IsNullOrWhiteSpace(value)) return Malformed($"{field} is empty");
        if (value.Length > maxLength) return Malformed($"{field} is longer than {maxLength} characters");
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsControl(value[i])) return Malformed($"{field} contains a control character");
            if (!char.IsSurrogate(value[i])) continue;
            // Half a pair has no UTF-8 form: it could be stored, never given back.
            if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1])) return Malformed($"{field} is not valid Unicode");
            i++;
        }
        return null;
    }

    private static Error? Metadata(CreatePackage command) => command.Metadata.Cbor.Length > PackageLimits.MaxMetadataBytes
        ? Malformed($"metadata is larger than {PackageLimits.MaxMetadataBytes} bytes")
        : null;

    private static Error Malformed(string detail) => ErrorCatalogue.RequestMalformed.With(detail);
}
