using System.Text.Json;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Pushing;

/// <summary>What the user asked to be pushed.</summary>
internal sealed record PushRequest(string Directory)
{
    /// <summary>Null only when resuming: then the package exists.</summary>
    public NewPackage? Package { get; init; }

    public PackageId? Resume { get; init; }

    public int Jobs { get; init; }

    public bool DryRun { get; init; }

    public bool UseCache { get; init; } = true;

    /// <summary>Begin anew although an interrupted push of the same is known.</summary>
    public bool StartNew { get; init; }

    public bool SkipLinks { get; init; }
}

/// <summary>Reads <c>--metadata</c>: <c>key=value</c> (text), <c>key:=json</c>, or <c>@file.json</c> (an object); later ones win.</summary>
internal static class MetadataArguments
{
    public static JsonElement? Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return null;
        var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            if (argument.StartsWith('@')) AddFile(members, argument[1..]);
            else AddPair(members, argument);
        }
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in members)
            {
                writer.WritePropertyName(key);
                value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return ParseJson(buffer.ToArray());
    }

    private static void AddPair(SortedDictionary<string, JsonElement> members, string argument)
    {
        var equals = argument.IndexOf('=');
        if (equals <= 0) throw Usage($"--metadata '{argument}' is neither key=value, key:=json nor @file.json");
        if (argument[equals - 1] != ':')
        {
            members[argument[..equals]] = ParseJson(JsonSerializer.SerializeToUtf8Bytes(argument[(equals + 1)..], WireJson.Default.String));
            return;
        }
        if (equals == 1) throw Usage($"--metadata '{argument}' has no key");
        try
        {
            members[argument[..(equals - 1)]] = ParseJson(System.Text.Encoding.UTF8.GetBytes(argument[(equals + 1)..]));
        }
        catch (JsonException)
        {
            throw Usage($"--metadata '{argument}': what follows := is not JSON");
        }
    }

    private static void AddFile(SortedDictionary<string, JsonElement> members, string file)
    {
        try
        {
            var json = ParseJson(File.ReadAllBytes(file));
            if (json.ValueKind != JsonValueKind.Object) throw Usage($"{file} does not hold a JSON object");
            foreach (var member in json.EnumerateObject()) members[member.Name] = member.Value;
        }
        catch (JsonException malformed)
        {
            throw Usage($"{file} is not JSON: {malformed.Message}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Usage($"cannot read {file}: {Sentence.Of(unreadable)}");
        }
    }

    private static JsonElement ParseJson(byte[] utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return document.RootElement.Clone();
    }

    private static CliFailureException Usage(string sentence) => new(ExitCode.Usage, sentence);
}
