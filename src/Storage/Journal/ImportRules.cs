using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal;

/// <summary>
/// What every database demands of a log that is imported into it, and what it remembers of that in its table <c>restoring</c>. How the
/// table is made is its own affair, because its types are.
/// </summary>
internal static class ImportRules
{
    public const string InsertMarker =
        "INSERT INTO restoring (id, store_id, incarnation, head_sequence, head_leaf_digest) VALUES (1, $1, $2, $3, $4)";
    public const string ReadMarker = "SELECT store_id, incarnation, head_sequence, head_leaf_digest FROM restoring WHERE id = 1";
    public const string DropMarker = "DROP TABLE restoring";

    /// <exception cref="InvalidDataException">These lines are not the next ones after the head, or go beyond the target's end.</exception>
    public static void RequireNext(ImportTarget target, long head, IReadOnlyList<EventRecord> lines)
    {
        if (lines[0].Sequence != head + 1 || lines[^1].Sequence != head + lines.Count || lines[^1].Sequence > target.HeadSequence)
            throw new InvalidDataException($"{Range(lines)} do not come after event {head}");
    }

    /// <exception cref="InvalidDataException">The log in the database ends elsewhere than the target's.</exception>
    public static void RequireEnd(ImportTarget target, (long Sequence, Digest256 Leaf) head)
    {
        if (head != (target.HeadSequence, target.HeadLeafDigest))
            throw new InvalidDataException(
                $"the log in the database ends at event {head.Sequence}, and not as the backup's, at event {target.HeadSequence}");
    }

    /// <summary>For what the database itself refuses about the lines.</summary>
    public static InvalidDataException Contradiction(IReadOnlyList<EventRecord> lines, Exception refusal) =>
        new($"{Range(lines)} contradict the log before them: {refusal.Message}", refusal);

    private static string Range(IReadOnlyList<EventRecord> lines) => $"events {lines[0].Sequence} to {lines[^1].Sequence}";
}
