using ArtifactStore.Grains.Packages;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using PackageDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Packages.PackageState, ArtifactStore.Interfaces.Packages.PackageAnswer>;

namespace ArtifactStore.Grains.Tests.Packages;

/// <summary>Given events, when a command, then events and what they are conditional on.</summary>
public sealed class PackageDeciderTests : IAsyncDisposable
{
    private static readonly Interfaces.Hashing.ContentDigests Bytes = World.Content("bytes");
    private static readonly RetentionClassView Day = new("transient", 86_400, "");
    private readonly World _world = new();
    private readonly CreatePackage _creation;

    public PackageDeciderTests() => _creation = _world.Creation();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Creating_states_the_package_and_its_expiry_and_that_it_was_not_there()
    {
        var append = Accepted(PackageDecider.Decide(PackageState.Absent.Instance, _creation, Day));
        Assert.IsType<PackageCreated>(append.Events[0].Body);
        Assert.Equal(_creation.Time.AddDays(1), Assert.IsType<RetentionDefaultApplied>(append.Events[1].Body).ExpiresAt);
        Assert.Equal([new Condition.StreamAt(Stream, 0)], append.Conditions);
        Assert.Empty(append.Work);
    }

    [Fact]
    public void Creating_with_a_key_binds_the_key_to_the_request()
    {
        var append = Accepted(PackageDecider.Decide(PackageState.Absent.Instance, _creation with { IdempotencyKey = "k" }, Day));
        Assert.Equal(new Condition.IdempotencyKeyFree(World.Tenant, "alice", "k"), append.Conditions[1]);
        var entry = Assert.IsType<WorkChange.RememberIdempotencyKey>(Assert.Single(append.Work)).Entry;
        Assert.Equal((_creation.RequestDigest, _creation.Id.ToString()), (entry.RequestDigest, entry.ResultId));
    }

    [Fact]
    public void A_file_of_live_bytes_needs_the_package_open_the_path_free_and_the_bytes_live()
    {
        var append = Accepted(PackageDecider.Decide(Open(), Ingestion("a/b", Live)));
        Assert.IsType<FileIngested>(Assert.Single(append.Events).Body);
        Assert.Equal(
            [
                new Condition.PackageOpen(World.Tenant, _creation.Id),
                new Condition.PathFree(World.Tenant, _creation.Id, RelativePath.FromStored("a/b")),
                new Condition.LocationLive(World.Tenant, BackendId.Local, Bytes.Blake3),
            ],
            append.Conditions);
        Assert.Empty(append.Work);
    }

    [Fact]
    public void A_file_of_reserved_bytes_settles_them_first()
    {
        var append = Accepted(PackageDecider.Decide(Open(), Ingestion("a", Reserved)));
        Assert.Equal(StreamId.Of(World.Tenant, Bytes.Blake3), append.Events[0].Stream);
        Assert.Equal(Mine.PhysicalKey, Assert.IsType<LocationSettled>(append.Events[0].Body).PhysicalKey);
        Assert.IsType<FileIngested>(append.Events[1].Body);
        Assert.Equal(new Condition.MaySettle(Mine), append.Conditions[2]);
        Assert.Equal([new WorkChange.DropReservation(World.Tenant, BackendId.Local, Bytes.Blake3, 3)], append.Work);
    }

    [Fact]
    public void A_placement_of_other_bytes_is_a_bug_not_a_file() =>
        Assert.Throws<ArgumentException>(() =>
            PackageDecider.Decide(Open(), Ingestion("a", Live) with { Content = World.Content("other") }));

    [Fact]
    public void Finalizing_counts_the_files_and_holds_the_version()
    {
        var open = Given(Open(), PackageDecider.Decide(Open(), Ingestion("a", Live)));
        var append = Accepted(PackageDecider.Decide(open, Finalization(3)));
        var finalized = Assert.IsType<PackageFinalized>(append.Events[^1].Body);
        Assert.Equal((1, Bytes.Size), (finalized.FileCount, finalized.TotalBytes));
        Assert.Equal(new Condition.StreamAt(Stream, 3), append.Conditions[0]);
    }

    [Fact]
    public void Finalizing_another_version_than_the_one_that_is_known_is_stale()
    {
        foreach (var version in new[] { 1, 3 })
        {
            var decision = Assert.IsType<PackageDecision.Unchanged>(PackageDecider.Decide(Open(), Finalization(version)));
            Assert.IsType<PackageAnswer.Stale>(decision.Answer);
        }
    }

    [Fact]
    public void What_does_not_exist_is_unknown()
    {
        foreach (var decision in new[]
        {
            PackageDecider.Decide(PackageState.Absent.Instance, Ingestion("a", Live)),
            PackageDecider.Decide(PackageState.Absent.Instance, Finalization(1)),
        })
        {
            World.Refused(ErrorCatalogue.PackageUnknown, Assert.IsType<PackageDecision.Rejected>(decision).Error);
        }
    }

    [Fact]
    public void A_finalized_package_takes_nothing_and_answers_the_same()
    {
        var finalized = Given(Open(), PackageDecider.Decide(Open(), Finalization(2)));
        World.Refused(
            ErrorCatalogue.PackageNotOpen,
            Assert.IsType<PackageDecision.Rejected>(PackageDecider.Decide(finalized, Ingestion("a", Live))).Error);
        var again = PackageDecider.Decide(finalized, Finalization(1));
        Assert.IsType<PackageAnswer.AlreadySo>(Assert.IsType<PackageDecision.Unchanged>(again).Answer);
    }

    [Theory]
    [InlineData("", "producer", "subject")]
    [InlineData("name", " ", "subject")]
    [InlineData("name", "producer", "with\u0000nul")]
    [InlineData("half a {half} pair", "producer", "subject")]
    public async Task Texts_that_nobody_could_read_back_are_refused(string name, string producer, string subject)
    {
        await using var world = new World();
        var node = world.Node();
        // Put in here, because it would not survive in the metadata of an attribute.
        name = name.Replace("{half}", "\ud800");
        var answer = await World.Send(node, world.Creation() with { Name = name, Producer = producer, Subject = subject });
        World.Refused(ErrorCatalogue.RequestMalformed, answer.Error);
    }

    private StreamId Stream => StreamId.Of(World.Tenant, _creation.Id);

    private static Reservation Mine =>
        new(World.Tenant, BackendId.Local, Bytes, 3, "blake3/x.3-y", new(new(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11])));

    private static Placement.Reserved Reserved => new(Mine);

    private static Placement.Live Live => new(new(BackendId.Local, Bytes.Blake3, 1, "k", LocationState.Live, "identity"));

    private PackageState Open() => Given(PackageState.Absent.Instance, PackageDecider.Decide(PackageState.Absent.Instance, _creation, Day));

    private IngestFile Ingestion(string path, Placement placement) => _world.Ingestion(_creation.Id, path, Bytes, placement);

    private FinalizePackage Finalization(long version) => new(
        new(_world.Ids.Next()), World.Tenant, _creation.Id, "alice", _world.Time.GetUtcNow(), version, Bytes, Live);

    private static Append Accepted(PackageDecision decision) => Assert.IsType<PackageDecision.Accepted>(decision).Append;

    private static PackageState Given(PackageState state, PackageDecision decision)
    {
        var append = Accepted(decision);
        return append.Events.Aggregate(state, (current, @event) => PackageDecider.Evolve(current, @event, append.Actor, 1));
    }
}
