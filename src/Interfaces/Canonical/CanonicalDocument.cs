using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// An immutable JSON-like document, held as the one canonical CBOR encoding of its value: equal values are equal bytes.
/// <para>
/// Values: null, booleans, text, arrays, maps with text keys, and numbers. A number is an integer when its value is integral and
/// within ±(2^53-1), otherwise a double in its shortest exact form; 1.0 and 1 are the same value, -0 is 0. Refused, because some JSON
/// reader or some database would change them: integers beyond that range, doubles whose JSON form is such an integer (2^53 to 10^21),
/// infinities, NaN, lone surrogates, U+0000 (PostgreSQL text cannot hold it), duplicate keys, byte strings and tags.
/// Hence CBOR to JCS to CBOR is the identity, on every backend and database.
/// </para>
/// </summary>
public sealed partial class CanonicalDocument : IEquatable<CanonicalDocument>
{
    private readonly byte[] _cbor;

    private CanonicalDocument(byte[] cbor) => _cbor = cbor;

    public static CanonicalDocument EmptyMap { get; } = new([0xa0]);

    public ReadOnlyMemory<byte> Cbor => _cbor;

    public CanonicalValue Root => new(_cbor);

    public bool IsMap => Root.Kind == CanonicalKind.Map;

    public static bool TryFromJson(
        ReadOnlySpan<byte> utf8, CanonicalLimits limits,
        [NotNullWhen(true)] out CanonicalDocument? document, [NotNullWhen(false)] out string? error)
    {
        document = null;
        if (!JsonToCbor.TryConvert(utf8, limits, out var cbor, out error))
            return false;
        document = new(cbor);
        return true;
    }

    public static bool TryFromJson(
        JsonElement json, CanonicalLimits limits,
        [NotNullWhen(true)] out CanonicalDocument? document, [NotNullWhen(false)] out string? error) =>
        TryFromJson(JsonMarshal.GetRawUtf8Value(json), limits, out document, out error);

    public static bool TryFromCbor(
        ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out CanonicalDocument? document, [NotNullWhen(false)] out string? error) =>
        TryFromCbor(cbor, CanonicalLimits.Default, out document, out error);

    /// <summary>Accepts only bytes that are already canonical, and copies them: the caller keeps its buffer.</summary>
    public static bool TryFromCbor(
        ReadOnlyMemory<byte> cbor, CanonicalLimits limits,
        [NotNullWhen(true)] out CanonicalDocument? document, [NotNullWhen(false)] out string? error)
    {
        error = CanonicalForm.Check(cbor.Span, limits, CanonicalProfile.Document);
        document = error is null ? new(cbor.ToArray()) : null;
        return error is null;
    }

    /// <summary>The RFC 8785 text in UTF-8: the same bytes for the same value, for ever.</summary>
    public byte[] ToJcs()
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(_cbor.Length * 2, 64));
        WriteJcs(output);
        return output.WrittenSpan.ToArray();
    }

    public void WriteJcs(IBufferWriter<byte> output) => JcsWriter.Write(_cbor, output);

    /// <summary>As one value inside a larger JSON text. Written in JCS form: there is one JSON spelling of a document.</summary>
    public void WriteJson(Utf8JsonWriter writer) => writer.WriteRawValue(ToJcs(), skipInputValidation: true);

    public string ToJson() => Encoding.UTF8.GetString(ToJcs());

    /// <summary>
    /// The scalar members of a top-level map, as they are indexed: text as itself, everything else as its JCS text.
    /// Arrays and maps are not searchable and are skipped; a document that is not a map has none.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> EnumerateTopLevel()
    {
        if (!IsMap)
            yield break;
        foreach (var (key, value) in Root.Members())
        {
            if (value.Kind == CanonicalKind.Text)
                yield return new(key, value.AsText());
            else if (value.Kind is not (CanonicalKind.Array or CanonicalKind.Map))
                yield return new(key, value.ToJson());
        }
    }

    public bool Equals(CanonicalDocument? other) => other is not null && _cbor.AsSpan().SequenceEqual(other._cbor);

    public override bool Equals(object? obj) => Equals(obj as CanonicalDocument);

    public override int GetHashCode() => CanonicalValue.HashOf(_cbor);

    public override string ToString() => ToJson();

    public static bool operator ==(CanonicalDocument? left, CanonicalDocument? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(CanonicalDocument? left, CanonicalDocument? right) => !(left == right);
}
