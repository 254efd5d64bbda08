using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Few packages, paths, contents and attempts, so that everything collides with everything.</summary>
internal sealed class RandomItems(int seed)
{
    private readonly Random _random = new(seed);
    private readonly Story _story = new(seed);
    private readonly List<PackageId> _packages = [];
    private readonly List<ContentDigests> _contents = [];
    private readonly List<AttemptId> _attempts = [];
    private readonly List<Append> _made = [];

    public List<JournalItem[]> Take(int count)
    {
        for (var i = 0; i < 8; i++)
        {
            _packages.Add(_story.NewPackageId());
            _contents.Add(_story.NewContent());
            if (i < 2) _attempts.Add(_story.NewAttempt());
        }
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Next()).ToArray())];
    }

    private JournalItem Next()
    {
        if (_random.Next(4) == 0)
            return new ReserveItem(new(Story.Tenant, Story.Backend, Pick(_contents), Pick(_attempts), _random.Next(3) == 0));
        var append = _random.Next(16) switch
        {
            0 => _story.CreatePackage(Pick(_packages)),
            1 or 2 or 3 => _story.SettleAndIngest(Pick(_packages), $"f{_random.Next(60)}", AnyReservation()),
            4 or 5 => _story.Link(Pick(_packages), $"f{_random.Next(60)}", Pick(_contents)),
            6 => _story.CondemnReservation(AnyReservation()),
            7 => _story.Fail(Pick(_contents), 1 + _random.Next(3)),
            8 => _story.CondemnLocation(AnyLocation(), _random.Next(2) == 0 ? LocationState.Live : LocationState.Failed),
            9 => _random.Next(5) == 0
                ? _story.SettleAndFinalize(Pick(_packages), 2 + _random.Next(4), AnyReservation(), 0, 0)
                : _story.CreatePackage(Pick(_packages)),
            12 => _story.Extend(Pick(_packages), Story.Time.AddDays(85 + _random.Next(60))),
            13 => AnyHold(release: false),
            14 => AnyHold(release: true),
            15 => _story.MarkExpired(Pick(_packages), Story.Time.AddDays(85 + _random.Next(60))),
            10 when _made.Count > 0 => Pick(_made),
            _ => Remember(),
        };
        _made.Add(append);
        return new AppendItem(append);
    }

    /// <summary>Few ids and few things, so that holds of one id collide and one thing has several.</summary>
    private Append AnyHold(bool release)
    {
        var id = new HoldId(new Guid(_random.Next(6), 0, 0, new byte[8]));
        var (kind, covers) = (id.Value.GetHashCode() & 3, Pick(_packages), Pick(_contents)) switch
        {
            (0, var package, _) => (HoldKind.Package, package.ToString()),
            (1, _, var content) => (HoldKind.Content, content.Blake3.ToHex()),
            (2, _, _) => (HoldKind.Producer, _random.Next(2) == 0 ? "ci" : "other"),
            _ => (HoldKind.Subject, "app"),
        };
        return release ? _story.Release(id, kind, covers) : _story.Hold(id, kind, covers);
    }

    private Append Remember()
    {
        var entry = new IdempotencyEntry(Story.Tenant, Story.Actor, $"k{_random.Next(4)}", Pick(_contents).Blake3, "made", Story.Time);
        return new(
            new(_story.NextGuid()), Story.Tenant, Story.Actor, [],
            [new Condition.IdempotencyKeyFree(entry.Tenant, entry.Actor, entry.Key)], [new WorkChange.RememberIdempotencyKey(entry)]);
    }

    private Reservation AnyReservation()
    {
        var (content, attempt, generation) = (Pick(_contents), Pick(_attempts), 1 + _random.Next(3));
        var key = PhysicalKey.Of(Story.Tenant, content.Blake3, generation, attempt, 1);
        return new(Story.Tenant, Story.Backend, content, generation, key, attempt);
    }

    private LocationView AnyLocation()
    {
        var (content, generation) = (Pick(_contents).Blake3, 1 + _random.Next(3));
        return new(
            Story.Backend, content, generation, PhysicalKey.Of(Story.Tenant, content, generation, Pick(_attempts), 1),
            LocationState.Live, "identity");
    }

    private T Pick<T>(List<T> from) => from[_random.Next(from.Count)];
}
