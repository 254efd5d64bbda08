using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>What the rows say of one key that a backend listed.</summary>
internal enum KeyStanding
{
    /// <summary>A row has it: live, failed, condemned, or being written now. Nobody else's business.</summary>
    Known = 1,

    /// <summary>No row has it, and none ever will.</summary>
    Orphan = 2,

    /// <summary>Its row is gone, and its bytes are there: they were written after they were deleted.</summary>
    LeftBehind = 3,

    /// <summary>Not a name that this store writes, or one of a later life of it. Never touched.</summary>
    Foreign = 4,
}

/// <param name="Object">As the backend listed it.</param>
/// <param name="Standing">What is known of it.</param>
/// <param name="Name">What the key says of itself; null: it is foreign.</param>
/// <param name="Generation">The number of its row; of an orphan the one that it is condemned under; 0: it has none.</param>
internal sealed record SurveyedKey(BlobListing Object, KeyStanding Standing, KeyName? Name = null, int Generation = 0);

/// <summary>
/// Compares names with rows (ADR 9). It answers only what can never change afterwards, so it does not matter how old the listing is: a row keeps
/// its key and its number for ever, and what may still change is proved again by the append that condemns (GenerationFree).
/// </summary>
internal static class KeySurvey
{
    /// <param name="objects">Listed.</param>
    /// <param name="names">What their keys say of themselves; null for a foreign one.</param>
    /// <param name="rows">Everything that rows know of these contents in this backend.</param>
    /// <param name="incarnation">The life of the log that the rows are of.</param>
    public static IReadOnlyList<SurveyedKey> Of(
        IReadOnlyList<BlobListing> objects, IReadOnlyList<KeyName?> names, IEnumerable<KnownKey> rows, int incarnation)
    {
        var known = rows.ToLookup(row => row.Content);
        var taken = new Dictionary<StoredContent, int>();
        return [.. objects.Select((item, i) => Of(item, names[i], known, taken, incarnation))];
    }

    private static SurveyedKey Of(
        BlobListing item, KeyName? name, ILookup<StoredContent, KnownKey> known, Dictionary<StoredContent, int> taken, int incarnation)
    {
        if (name is null || name.Incarnation > incarnation) return new(item, KeyStanding.Foreign);
        var content = new StoredContent(name.Tenant, name.Content);
        var rows = known[content];
        if (rows.FirstOrDefault(row => row.PhysicalKey == item.Key) is { } mine)
            return new(item, mine.State == LocationState.Gone ? KeyStanding.LeftBehind : KeyStanding.Known, name, mine.Generation);
        // Nobody has its number: it is condemned under it, and whoever reserves from then on gets another one, with another key.
        if (rows.All(row => row.Generation != name.Generation)) return new(item, KeyStanding.Orphan, name, name.Generation);
        // A reservation may be lost, and its number be given again: only a location that has the number proves that the key never comes back.
        if (rows.First(row => row.Generation == name.Generation).State is null) return new(item, KeyStanding.Known, name);
        var next = Math.Max(rows.Max(row => row.Generation), taken.GetValueOrDefault(content)) + 1;
        taken[content] = next;
        return new(item, KeyStanding.Orphan, name, next);
    }
}
