using System.Security.Cryptography;
using System.Text;
using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.MetadataSchemas;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Grains.Tests;

/// <summary>One store in memory, any number of nodes that host grains over it, and short words for commands.</summary>
internal sealed class World : IAsyncDisposable
{
    public static readonly TenantId Tenant = TenantId.Default;

    private readonly List<EmbeddedGrains> _nodes = [];

    public World()
    {
        Journal = new(Store, Time);
        Views = new(Store);
        Plans = new(Store);
    }

    public InMemoryStore Store { get; } = new();

    public InMemoryJournal Journal { get; }

    public InMemoryViews Views { get; }

    public InMemoryPlanViews Plans { get; }

    public ManualTime Time { get; } = new();

    public Sequence Ids { get; } = new();

    /// <summary>Another process over the same store; a decorator may stand between it and the journal.</summary>
    public EmbeddedGrains Node(TaskScheduler? scheduler = null, Func<IJournal, IJournal>? between = null)
    {
        var journal = between?.Invoke(Journal) ?? Journal;
        var factories = new GrainFactories()
            .Add<IPackageGrain>(context => new PackageGrain(journal, Views, context.Grains))
            .Add<IContentGrain>(_ => new ContentGrain(journal, Views, Time, Ids))
            .Add<IRetentionClassGrain>(_ => new RetentionClassGrain(journal, Views))
            .Add<IHoldGrain>(_ => new HoldGrain(journal, Views))
            .Add<IPlanGrain>(_ => new PlanGrain(journal, Plans))
            .Add<IMetadataSchemaGrain>(_ => new MetadataSchemaGrain(journal, Views));
        var node = new EmbeddedGrains(factories, scheduler ?? TaskScheduler.Default, Time);
        _nodes.Add(node);
        return node;
    }

    public static async Task Seed(IGrains node, World world)
    {
        foreach (var known in RetentionClasses.Seed)
        {
            var outcome = await node.Call<IRetentionClassGrain, Outcome<RetentionClassView>>($"{Tenant}/{known.Slug}", grain =>
                grain.Define(new(
                    new(world.Ids.Next()), Tenant, "seed", world.Time.GetUtcNow(), known.Slug, known.DefaultDurationSeconds,
                    known.Description)));
            Assert.True(outcome.Succeeded);
        }
    }

    public async Task<EmbeddedGrains> SeededNode(Func<IJournal, IJournal>? between = null)
    {
        var node = Node(between: between);
        await Seed(node, this);
        return node;
    }

    public CreatePackage Creation(string name = "p", string retentionClass = "transient", string? key = null, string? schema = null) => new(
        new(Ids.Next()), Tenant, new(Ids.Next()), "alice", Time.GetUtcNow(), name, "ci", "main", retentionClass, BackendId.Local,
        CanonicalDocument.EmptyMap, schema, key, Digest(name));

    public IngestFile Ingestion(PackageId package, string path, ContentDigests content, Placement placement) => new(
        new(Ids.Next()), Tenant, package, "alice", Time.GetUtcNow(), new(Ids.Next()), RelativePath.FromStored(path), MediaType.OctetStream,
        content, placement);

    public FinalizePackage Finalization(PackageView package, ContentDigests manifest, Placement placement) => new(
        new(Ids.Next()), Tenant, package.Id, "alice", Time.GetUtcNow(), package.Version, manifest, placement);

    public static Task<Outcome<PackageAnswer>> Send(IGrains node, CreatePackage command) =>
        node.Call<IPackageGrain, Outcome<PackageAnswer>>(PackageKey.Of(Tenant, command.Id), grain => grain.Create(command));

    public static Task<Outcome<PackageAnswer>> Send(IGrains node, IngestFile command) =>
        node.Call<IPackageGrain, Outcome<PackageAnswer>>(PackageKey.Of(Tenant, command.Package), grain => grain.Ingest(command));

    public static Task<Outcome<PackageAnswer>> Send(IGrains node, FinalizePackage command) =>
        node.Call<IPackageGrain, Outcome<PackageAnswer>>(PackageKey.Of(Tenant, command.Package), grain => grain.Finalize(command));

    public static Task<Outcome<PackageView>> Describe(IGrains node, PackageId package) =>
        node.Call<IPackageGrain, Outcome<PackageView>>(PackageKey.Of(Tenant, package), grain => grain.Describe());

    public static Task<Outcome<Placement>> Place(IGrains node, ContentDigests content, AttemptId attempt) =>
        node.Call<IContentGrain, Outcome<Placement>>(
            ContentKey.Of(Tenant, BackendId.Local, content.Blake3), grain => grain.Place(new(Tenant, BackendId.Local, content, attempt)));

    public Task<Outcome<Placement>> Place(IGrains node, ContentDigests content) => Place(node, content, new(Ids.Next()));

    public async Task<PackageView> Created(IGrains node) => Done(await Send(node, Creation()));

    /// <summary>Places and ingests as a door does: what is refused as outdated is placed again.</summary>
    public async Task<Outcome<PackageAnswer>> Push(IGrains node, PackageId package, string path, ContentDigests content)
    {
        var attempt = new AttemptId(Ids.Next());
        while (true)
        {
            var placement = await Place(node, content, attempt);
            if (!placement.Succeeded) return placement.Error;
            var answer = await Send(node, Ingestion(package, path, content, placement.Value));
            if (answer.Value is PackageAnswer.PlaceAgain) continue;
            if (answer.Succeeded && placement.Value is Placement.Reserved { Reservation: var mine }) await Settled(node, mine);
            return answer;
        }
    }

    public static Task Settled(IGrains node, Reservation mine) => node.Call<IContentGrain>(
        ContentKey.Of(Tenant, mine.Backend, mine.Content.Blake3),
        grain => grain.Settled(new(mine.Backend, mine.Content.Blake3, mine.Generation, mine.PhysicalKey, LocationState.Live, "identity")));

    public static PackageView Done(Outcome<PackageAnswer> outcome)
    {
        Assert.Null(outcome.Error);
        return Assert.IsType<PackageAnswer.Done>(outcome.Value).Package;
    }

    public static FileView FileDone(Outcome<PackageAnswer> outcome)
    {
        Assert.Null(outcome.Error);
        return Assert.IsType<PackageAnswer.FileDone>(outcome.Value).File;
    }

    public static void Refused(ErrorKind kind, Error? error) => Assert.Equal(kind.Code, error?.Code);

    public static Digest256 Digest(string text) => Digest256.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static ContentDigests Content(string text) => new(Digest($"blake3 of {text}"), Digest(text), text.Length);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
    }
}
