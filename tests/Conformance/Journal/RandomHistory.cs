using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Conformance.Journal;

/// <summary>
/// A seeded sequence of everything a store does: packages, files new and shared, take-overs, abandoned and condemned copies, failures,
/// definitions. Many of its appends are refused; that is part of it.
/// </summary>
public sealed class RandomHistory(int seed, IJournal journal, IViews views)
{
    private readonly Random random = new(seed);
    private readonly Story story = new(seed);
    private readonly List<PackageId> packages = [];
    private readonly List<ContentDigests> contents = [];
    private readonly List<Reservation> reservations = [];

    public async Task Run(int steps)
    {
        await Create();
        for (var i = 0; i < steps; i++)
        {
            await (random.Next(12) switch
            {
                0 => Create(),
                1 => Reserve(takeOver: true),
                2 or 3 => Reserve(takeOver: false),
                4 or 5 => Settle(),
                6 or 7 => Link(),
                8 => Abandon(),
                9 => Fail(),
                10 => Condemn(),
                _ => random.Next(4) == 0 ? Finish() : Define(),
            });
        }
    }

    private async Task Append(params Append[] appends) => await journal.Append(appends);

    private T Pick<T>(List<T> from) => from[random.Next(from.Count)];

    private string AnyPath() => $"dir/{random.Next(40)}";

    private Task Create()
    {
        var id = story.NewPackageId();
        packages.Add(id);
        var metadata = $$"""{"branch": "b{{random.Next(3)}}", "deep": {"x": 1}, "number": {{random.Next(3)}} }""";
        return Append(story.CreatePackage(id, $"producer{random.Next(3)}", $"subject{random.Next(5)}", metadata: metadata));
    }

    private async Task Reserve(bool takeOver)
    {
        if (contents.Count == 0 || random.Next(3) > 0) contents.Add(story.NewContent(random.Next(1000)));
        if (await journal.Reserve(story.Reserve(Pick(contents), takeOver)) is ReserveResult.Granted granted)
            reservations.Add(granted.Reservation);
    }

    private Task Settle()
    {
        if (reservations.Count == 0) return Task.CompletedTask;
        var mine = Pick(reservations);
        return Append(
            story.SettleAndIngest(Pick(packages), AnyPath(), mine),
            story.Link(Pick(packages), AnyPath(), mine.Content));
    }

    private Task Link() => contents.Count == 0 ? Task.CompletedTask : Append(story.Link(Pick(packages), AnyPath(), Pick(contents)));

    private Task Abandon() => reservations.Count == 0 ? Task.CompletedTask : Append(story.CondemnReservation(Pick(reservations)));

    private Task Fail() => contents.Count == 0 || random.Next(3) > 0
        ? Task.CompletedTask
        : Append(story.Fail(Pick(contents), 1 + random.Next(3)));

    private async Task Condemn()
    {
        if (contents.Count == 0 || random.Next(3) > 0) return;
        var content = Pick(contents);
        var found = await views.Content(new(Story.Tenant), ContentAddress.Blake3(content.Blake3));
        if (found?.Locations.FirstOrDefault(location => location.State == LocationState.Failed) is { } failed)
            await Append(story.CondemnLocation(failed, LocationState.Failed));
        else if (found is null && await views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Sha256(content.Sha256)) is { } live)
            await Append(story.CondemnLocation(live, LocationState.Live));
    }

    private async Task Finish()
    {
        var package = await views.Package(Story.Tenant, Pick(packages));
        if (package is null || package.Status != PackageStatus.Created) return;
        var reserved = await journal.Reserve(story.Reserve(story.NewContent()));
        await Append(story.SettleAndFinalize(
            package.Id, package.Version, ((ReserveResult.Granted)reserved).Reservation, package.FileCount, package.TotalBytes));
    }

    private Task Define()
    {
        var slug = $"slug{random.Next(4)}";
        return random.Next(2) == 0
            ? Append(story.Append(
                new(Story.Tenant, SubjectKind.RetentionClass, slug),
                new RetentionClassDefined(slug, random.Next(2) == 0 ? null : random.Next(1000), "a class")))
            : Append(story.Append(
                new(Story.Tenant, SubjectKind.MetadataSchema, slug),
                new MetadataSchemaRegistered(slug, Story.Metadata("""{"type": "object"}""")),
                new Condition.StreamAt(new(Story.Tenant, SubjectKind.MetadataSchema, slug), 0)));
    }
}
