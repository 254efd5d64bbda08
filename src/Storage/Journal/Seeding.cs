using System.Collections.Immutable;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal;

internal static class Actors
{
    /// <summary>Who does what nobody asked for.</summary>
    public const string System = "system";
}

/// <summary>What a new store begins with.</summary>
internal static class Seeding
{
    /// <summary>
    /// The five classes are facts of the log like every other, so that a replay has them. Of several nodes that start at once the first
    /// writes them; the others are refused, which is as good.
    /// </summary>
    public static async Task DefineClasses(IJournal journal, DateTimeOffset now, IIds ids)
    {
        var events = ImmutableArray.CreateBuilder<StreamEvent>();
        foreach (var seed in RetentionClasses.Seed)
        {
            var stream = new StreamId(TenantId.Default, SubjectKind.RetentionClass, seed.Slug);
            events.Add(new(stream, now, new RetentionClassDefined(seed.Slug, seed.DefaultDurationSeconds, seed.Description)));
        }
        var isNew = new Condition.StreamAt(events[0].Stream, 0);
        await journal.Append([new(new(ids.Next()), TenantId.Default, Actors.System, events.ToImmutable(), [isNew], [])]);
    }
}
