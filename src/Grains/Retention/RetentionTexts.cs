using System.Text;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Grains.Retention;

/// <summary>The limits of what may be said about a hold or an extension. Null: acceptable.</summary>
internal static class RetentionTexts
{
    public static Error? Reason(string reason) => string.IsNullOrWhiteSpace(reason)
        ? ErrorCatalogue.ReasonMissing.With("'reason' is empty")
        : PackageTexts.Text("reason", reason, RetentionLimits.MaxReasonLength);

    public static Error? Refusal(ApplyHold command) =>
        Reason(command.Reason)
        ?? PackageTexts.Text("owner", command.Owner, RetentionLimits.MaxOwnerLength)
        ?? (command.Until <= command.Time ? Malformed($"until is over: {command.Until:O}") : null)
        ?? Covers(command.Cover);

    private static Error? Covers(HoldCover cover) => cover.Kind switch
    {
        HoldKind.Everything => cover.Covers.Length == 0 ? null : Malformed("a hold on everything covers nothing in particular"),
        HoldKind.Content => Digest256.TryParseHex(cover.Covers, out _) ? null : Malformed("covers is not a content"),
        HoldKind.Producer or HoldKind.Subject => Prefix(cover.Covers),
        _ => null,
    };

    private static Error? Prefix(string covers)
    {
        if (PackageTexts.Text("covers", covers, RetentionLimits.MaxCoversBytes) is { } malformed) return malformed;
        if (Encoding.UTF8.GetByteCount(covers) > RetentionLimits.MaxCoversBytes)
            return Malformed($"covers is longer than {RetentionLimits.MaxCoversBytes} bytes");
        // It would cover nothing that lies below, which nobody means.
        return covers.EndsWith('/') ? Malformed("covers ends with a slash: what lies below a name is covered by the name") : null;
    }

    private static Error Malformed(string detail) => ErrorCatalogue.RequestMalformed.With(detail);
}
