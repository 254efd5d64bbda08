using System.Text.Json;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// Takes the fields of one JSON object by name. Every field must be taken: a misspelt optional field that is silently ignored costs its
/// sender a day. The first fault is kept; what is returned after it is not to be used, so callers check <see cref="Fault"/> once, at the
/// end.
/// </summary>
public ref struct JsonFields(JsonElement json)
{
    private readonly HashSet<string> _taken = [];
    private Error? _fault;

    public string RequiredText(string name) => Take(name) is { } value ? AsText(name, value) : Missing(name);

    public string? OptionalText(string name) =>
        Take(name) is { ValueKind: not JsonValueKind.Null } value ? AsText(name, value) : null;

    public CanonicalDocument RequiredDocument(string name) => OptionalDocument(name) ?? Absent(name);

    public CanonicalDocument? OptionalDocument(string name)
    {
        if (Take(name) is not { ValueKind: not JsonValueKind.Null } value) return null;
        if (value.ValueKind != JsonValueKind.Object)
        {
            Refuse($"'{name}' must be an object");
            return null;
        }
        if (CanonicalDocument.TryFromJson(value, CanonicalLimits.Default, out var document, out var reason)) return document;
        Refuse($"'{name}': {reason}");
        return null;
    }

    public IReadOnlyList<string> RequiredTexts(string name, int max)
    {
        if (Take(name) is not { } value)
        {
            Missing(name);
            return [];
        }
        if (value.ValueKind != JsonValueKind.Array)
        {
            Refuse($"'{name}' must be an array of texts");
            return [];
        }
        if (value.GetArrayLength() > max)
        {
            Refuse($"'{name}' has more than {max} elements");
            return [];
        }
        var texts = new List<string>(value.GetArrayLength());
        foreach (var element in value.EnumerateArray()) texts.Add(AsText(name, element));
        return texts;
    }

    /// <summary>Null when the field is absent. Each element is an object, to be read with fields of its own.</summary>
    public IReadOnlyList<JsonElement>? OptionalObjects(string name, int max)
    {
        if (Take(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(element => element.ValueKind != JsonValueKind.Object))
        {
            Refuse($"'{name}' must be an array of objects");
            return [];
        }
        if (value.GetArrayLength() <= max) return [.. value.EnumerateArray()];
        Refuse($"'{name}' has more than {max} elements");
        return [];
    }

    /// <summary>Null when everything fitted and nothing was left over.</summary>
    public Error? Fault()
    {
        if (_fault is not null) return _fault;
        foreach (var property in json.EnumerateObject())
        {
            if (!_taken.Contains(property.Name))
                return ErrorCatalogue.RequestMalformed.With($"'{property.Name}' is not a field of this request");
        }
        return null;
    }

    private JsonElement? Take(string name)
    {
        _taken.Add(name);
        return json.TryGetProperty(name, out var value) ? value : null;
    }

    private string AsText(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Refuse($"'{name}' must be a text");
            return "";
        }
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            Refuse($"'{name}' is not valid Unicode");
            return "";
        }
    }

    private string Missing(string name)
    {
        Refuse($"'{name}' is missing");
        return "";
    }

    private CanonicalDocument Absent(string name)
    {
        Missing(name);
        return CanonicalDocument.EmptyMap;
    }

    private void Refuse(string detail) => _fault ??= ErrorCatalogue.RequestMalformed.With(detail);
}
