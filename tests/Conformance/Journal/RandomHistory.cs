using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Conformance.Journal;

/// <summary>
/// A seeded sequence of everything a store does: packages, files new and shared, take-overs, abandoned and condemned copies, failures,
/// definitions. Many of its appends are refused; that is part of it.
/// </summary>
public sealed class RandomHistory(int seed, IJournal journal, IViews views)
{
    private readonly Random _random = new(seed);
    private readonly Story _story = new(seed);
    private readonly List<PackageId> _packages = [];
    private readonly List<ContentDigests> _contents = [];
    private readonly List<Reservation> _reservations = [];
    private readonly List<PackageId> _going = [];
    private readonly List<(Keeper Keeper, LocationView Location)> _condemned = [];
    private readonly List<(HoldId Id, HoldKind Kind, string Covers)> _holds = [];
    private (PlanId Id, long Version)? _plan;

    public async Task Run(int steps)
    {
        await Create();
        for (var i = 0; i < steps; i++)
        {
            await (_random.Next(20) switch
            {
                0 => Create(),
                1 => Reserve(takeOver: true),
                2 or 3 => Reserve(takeOver: false),
                4 or 5 => Settle(),
                6 or 7 => Link(),
                8 => Abandon(),
                9 => Fail(),
                10 => Condemn(),
                12 => Hold(),
                13 => Release(),
                14 => Keep(),
                15 => Collect(),
                16 or 17 => LetGo(),
                18 => Verify(),
                19 => Plan(),
                _ => _random.Next(4) == 0 ? Finish() : Define(),
            });
        }
    }

    private async Task Append(params Append[] appends) => await journal.Append(appends);

    private T Pick<T>(List<T> from) => from[_random.Next(from.Count)];

    private string AnyPath() => $"dir/{_random.Next(40)}";

    private Task Create()
    {
        var id = _story.NewPackageId();
        _packages.Add(id);
        var metadata = $$"""{"branch": "b{{_random.Next(3)}}", "deep": {"x": 1}, "number": {{_random.Next(3)}} }""";
        return Append(_story.CreatePackage(id, $"producer{_random.Next(3)}", $"subject{_random.Next(5)}", metadata: metadata));
    }

    private async Task Reserve(bool takeOver)
    {
        if (_contents.Count == 0 || _random.Next(3) > 0) _contents.Add(_story.NewContent(_random.Next(1000)));
        if (await journal.Reserve(_story.Reserve(Pick(_contents), takeOver)) is ReserveResult.Granted granted)
            _reservations.Add(granted.Reservation);
    }

    private Task Settle()
    {
        if (_reservations.Count == 0) return Task.CompletedTask;
        var mine = Pick(_reservations);
        return Append(
            _story.SettleAndIngest(Pick(_packages), AnyPath(), mine),
            _story.Link(Pick(_packages), AnyPath(), mine.Content));
    }

    private Task Link() => _contents.Count == 0 ? Task.CompletedTask : Append(_story.Link(Pick(_packages), AnyPath(), Pick(_contents)));

    private Task Abandon() => _reservations.Count == 0 ? Task.CompletedTask : Append(_story.CondemnReservation(Pick(_reservations)));

    private Task Fail() => _contents.Count == 0 || _random.Next(3) > 0
        ? Task.CompletedTask
        : Append(_story.Fail(Pick(_contents), 1 + _random.Next(3)));

    private Task Hold()
    {
        var (kind, covers) = _random.Next(5) switch
        {
            0 => (HoldKind.Package, Pick(_packages).ToString()),
            1 when _contents.Count > 0 => (HoldKind.Content, Pick(_contents).Blake3.ToHex()),
            2 => (HoldKind.Producer, $"producer{_random.Next(3)}"),
            3 => (HoldKind.Subject, $"subject{_random.Next(5)}"),
            _ => (HoldKind.Everything, ""),
        };
        _holds.Add((new(_story.NextGuid()), kind, covers));
        return Append(_story.Hold(_holds[^1].Id, kind, covers, _random.Next(2) == 0 ? null : Story.Time.AddDays(_random.Next(9))));
    }

    private Task Release()
    {
        if (_holds.Count == 0) return Task.CompletedTask;
        var (id, kind, covers) = Pick(_holds);
        return Append(_story.Release(id, kind, covers));
    }

    private async Task Keep()
    {
        var package = (await views.Package(Story.Tenant, Pick(_packages)))!;
        if (_random.Next(2) == 0) await Append(_story.Extend(package.Id, Story.Time.AddDays(80 + _random.Next(200))));
        else await Append(_story.MarkExpired(package.Id, package.ExpiresAt, package.Producer, package.Subject));
    }

    private async Task Condemn()
    {
        if (_contents.Count == 0 || _random.Next(3) > 0) return;
        var content = Pick(_contents);
        var found = await views.Content(new(Story.Tenant), ContentAddress.Blake3(content.Blake3));
        if (found?.Locations.FirstOrDefault(location => location.State == LocationState.Failed) is { } failed)
            await Append(_story.CondemnReplaced(failed));
        else if (found is null && await views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Sha256(content.Sha256)) is { } live)
            await Append(_story.CondemnLocation(live, LocationState.Live));
    }

    private async Task Verify()
    {
        if (_contents.Count > 0 && await LiveOf(Pick(_contents)) is { } live) await Append(_story.Verify(live));
    }

    /// <summary>Lists packages, makes the plan, runs a package of it, and ends it, in the course of several calls.</summary>
    private async Task Plan()
    {
        var (plan, version) = _plan ?? (new(_story.NextGuid()), 0);
        var package = (await views.Package(Story.Tenant, Pick(_packages)))!;
        StoreEvent body = version switch
        {
            0 => new PlanListed(
                [new(package.Id, package.Version, EligibilityCause.Requested, _random.Next(2) == 0 ? null : "over", Story.Time, 1, 2)]),
            1 => new PlanMade(_random.Next(9), Story.Time.AddDays(1), 1, 1, 2, _random.Next(3)),
            2 => new PlanStarted(),
            _ => new PlanEnded(_random.Next(2), 1),
        };
        await Append(_story.OfPlan(plan, version, body), _story.StartPlanned(plan, package.Id, package.Version));
        _plan = version == 3 ? null : (plan, version + 1);
    }

    private async Task Collect()
    {
        var package = (await views.Package(Story.Tenant, Pick(_packages)))!;
        await Append(
            _story.StartCollection(package.Id, package.Producer, package.Subject),
            _story.EndCollection(_going.Count > 0 ? Pick(_going) : package.Id));
        if ((await views.Package(Story.Tenant, package.Id))!.Status == PackageStatus.Collecting) _going.Add(package.Id);
    }

    /// <summary>Any reference of a package that goes, as the last or beside others, and then its bytes.</summary>
    private async Task LetGo()
    {
        if (_condemned.Count > 0 && _random.Next(2) == 0)
        {
            var (who, location) = Pick(_condemned);
            await Append(_story.ReportDeleted(who, location));
            return;
        }
        if (_going.Count == 0) return;
        var package = Pick(_going);
        var ingested = (await views.Events(0, 500, ["v1.file.ingested"])).Where(line => line.Stream.Id == package.ToString()).ToList();
        if (ingested.Count == 0) return;
        var line = Pick(ingested);
        var file = (FileIngested)EventCodec.Decode(line.Type, line.Payload)!;
        if (await LiveOf(file.Content) is not { } live) return;
        var keeper = new Keeper(package, file.FileId, line.Sequence);
        var results = await journal.Append([_story.ReleaseLast(keeper, live), _story.ReleaseBeside(keeper, live)]);
        if (results[0] is AppendResult.Committed) _condemned.Add((keeper, live));
    }

    private Task<LocationView?> LiveOf(ContentDigests content) =>
        views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Blake3(content.Blake3));

    private async Task Finish()
    {
        var package = await views.Package(Story.Tenant, Pick(_packages));
        if (package is null || package.Status != PackageStatus.Created) return;
        var reserved = await journal.Reserve(_story.Reserve(_story.NewContent()));
        await Append(_story.SettleAndFinalize(
            package.Id, package.Version, ((ReserveResult.Granted)reserved).Reservation, package.FileCount, package.TotalBytes));
    }

    private Task Define()
    {
        var slug = $"slug{_random.Next(4)}";
        return _random.Next(2) == 0
            ? Append(_story.Append(
                new(Story.Tenant, SubjectKind.RetentionClass, slug),
                new RetentionClassDefined(slug, _random.Next(2) == 0 ? null : _random.Next(1000), "a class")))
            : Append(_story.Append(
                new(Story.Tenant, SubjectKind.MetadataSchema, slug),
                new MetadataSchemaRegistered(slug, Story.Metadata("""{"type": "object"}""")),
                new Condition.StreamAt(new(Story.Tenant, SubjectKind.MetadataSchema, slug), 0)));
    }
}
