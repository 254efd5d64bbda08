using System.Globalization;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// Takes query parameters by name. As with a body, each must be taken: a misspelt filter that is ignored answers with everything.
/// </summary>
public sealed class QueryFields(IQueryCollection query)
{
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);
    private Error? _fault;

    public string? Text(string name)
    {
        _taken.Add(name);
        if (!query.TryGetValue(name, out var values)) return null;
        if (values.Count > 1) Refuse($"'{name}' is given more than once");
        return values[0] is { Length: > 0 } text ? text : null;
    }

    public int Number(string name, int min, int max, int absent)
    {
        if (Text(name) is not { } text) return absent;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Refuse($"'{name}' must be a number from {min} to {max}");
        return absent;
    }

    public IReadOnlyList<string> List(string name, int max)
    {
        _taken.Add(name);
        var values = new List<string>();
        foreach (var value in query.TryGetValue(name, out var given) ? given : StringValues.Empty)
            values.AddRange((value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        if (values.Count > max) Refuse($"'{name}' lists more than {max} values");
        return values;
    }

    /// <summary>All parameters whose name begins with the prefix, ordered by the rest of the name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Prefixed(string prefix, int max)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in query)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            _taken.Add(name);
            if (name.Length == prefix.Length) Refuse($"'{name}' lacks a key");
            foreach (var value in values) pairs.Add(new(name[prefix.Length..], value ?? ""));
        }
        if (pairs.Count > max) Refuse($"more than {max} filters begin with '{prefix}'");
        pairs.Sort((left, right) => (left.Key, left.Value).CompareTo((right.Key, right.Value)));
        return pairs;
    }

    public void Refuse(string detail) => _fault ??= ErrorCatalogue.RequestMalformed.With(detail);

    public Error? Fault()
    {
        if (_fault is not null) return _fault;
        foreach (var name in query.Keys)
        {
            if (!_taken.Contains(name)) return ErrorCatalogue.RequestMalformed.With($"'{name}' is not a parameter of this route");
        }
        return null;
    }
}
