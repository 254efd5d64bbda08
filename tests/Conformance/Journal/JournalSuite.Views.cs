using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Conformance.Journal;

/// <summary>What each event shows in the views.</summary>
public abstract partial class JournalSuite
{
    private static readonly ReadScope Scope = new(Story.Tenant);
    private static readonly PackageFilter Anything = new(null, null, null, null, []);

    [Fact]
    public async Task A_package_shows_its_creation_its_files_and_its_manifest()
    {
        var id = Story.NewPackageId();
        var created = await Commit(Story.CreatePackage(id, "ci", "app", "raw-evidence", """{"branch": "main"}"""));
        var view = (await Views.Package(Story.Tenant, id))!;
        var expected = new PackageView(
            Story.Tenant, id, "build", "ci", "app", "raw-evidence", PackageStatus.Created, Story.Backend,
            Story.Metadata("""{"branch": "main"}"""), null, Story.Time, Story.Actor, Story.Time.AddDays(90), 0, 0, null, null, 2, created.LastSequence);
        Assert.Equal(expected, view);
        var mine = await Reserve(Story.NewContent(100));
        var ingested = await Commit(Story.SettleAndIngest(id, "a", mine));
        expected = expected with { FileCount = 1, TotalBytes = 100, Version = 3, LastEventSequence = ingested.LastSequence };
        Assert.Equal(expected, await Views.Package(Story.Tenant, id));
        var manifest = await Reserve(Story.NewContent(50));
        var finalized = await Commit(Story.SettleAndFinalize(id, 3, manifest, 1, 100));
        expected = expected with
        {
            Status = PackageStatus.Finalized,
            Manifest = manifest.Content,
            FinalizedAt = Story.Time,
            Version = 4,
            LastEventSequence = finalized.LastSequence,
        };
        Assert.Equal(expected, await Views.Package(Story.Tenant, id));
        Assert.Null(await Views.Package(new("other"), id));
        Assert.Null(await Views.Package(Story.Tenant, Story.NewPackageId()));
    }

    [Fact]
    public async Task A_file_is_found_by_its_id_and_by_its_path()
    {
        var package = await NewPackage();
        var mine = await Reserve(Story.NewContent(3));
        var append = Story.SettleAndIngest(package, "dir/ü.txt", mine);
        await Commit(append);
        var body = (FileIngested)append.Events[1].Body;
        var expected = new FileView(
            body.FileId, package, body.Path, body.MediaType, Story.Backend, mine.Content, Story.Time, Story.Actor);
        Assert.Equal(expected, await Views.File(Story.Tenant, body.FileId));
        Assert.Equal(expected, await Views.FileAt(Story.Tenant, package, Story.Path("dir/ü.txt")));
        Assert.Null(await Views.File(new("other"), body.FileId));
        Assert.Null(await Views.FileAt(Story.Tenant, package, Story.Path("dir/u.txt")));
        Assert.Null(await Views.FileAt(Story.Tenant, Story.NewPackageId(), Story.Path("dir/ü.txt")));
    }

    [Fact]
    public async Task Files_come_in_pages_in_byte_order_of_their_paths()
    {
        var package = await NewPackage();
        var content = await NewLiveContent();
        string[] paths = ["b", "B", "a/b", "a", "a-b", "z", "ü", "\U0001F600", "\uFF5E", "a/ü"];
        foreach (var path in paths) await Commit(Story.Link(package, path, content));
        var expected = paths.OrderBy(path => System.Text.Encoding.UTF8.GetBytes(path), ByteOrder.Instance).ToList();
        var seen = new List<string>();
        RelativePath? after = null;
        while (await Views.Files(Story.Tenant, package, after, 3) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(file => file.Path.Value));
            after = page[^1].Path;
        }
        Assert.Equal(expected, seen);
        Assert.Empty(await Views.Files(new("other"), package, null, 10));
    }

    [Fact]
    public async Task A_content_is_there_only_for_those_who_have_a_reference()
    {
        var content = await NewLiveContent();
        ContentAddress[] both = [ContentAddress.Blake3(content.Blake3), ContentAddress.Sha256(content.Sha256)];
        foreach (var address in both) Assert.Null(await Views.Content(Scope, address));
        Assert.Equal(both, await Views.Missing(Scope, both));
        await Commit(Story.Link(await NewPackage(), "a", content));
        foreach (var address in both)
        {
            var view = (await Views.Content(Scope, address))!;
            Assert.Equal(content, view.Digests);
            Assert.Equal(LocationState.Live, Assert.Single(view.Locations).State);
            Assert.Null(await Views.Content(new(new("other")), address));
        }
        var unknown = ContentAddress.Blake3(content.Sha256);
        Assert.Equal([unknown], await Views.Missing(Scope, [both[0], unknown, both[1]]));
    }

    [Fact]
    public async Task A_failed_copy_is_reported_missing_and_healed_by_a_new_one()
    {
        var package = await NewPackage();
        var mine = await Reserve(Story.NewContent());
        await Commit(Story.SettleAndIngest(package, "a", mine));
        var address = ContentAddress.Blake3(mine.Content.Blake3);
        Assert.Equal(0, (await Views.Status()).FailedLocations.GetValueOrDefault(Story.Backend));
        await Commit(Story.Fail(mine.Content));
        Assert.Equal(1, (await Views.Status()).FailedLocations[Story.Backend]);
        Assert.Equal(LocationState.Failed, Assert.Single((await Views.Content(Scope, address))!.Locations).State);
        Assert.Null(await Views.LiveLocation(Story.Tenant, Story.Backend, address));
        Assert.Equal([address], await Views.Missing(Scope, [address]));
        var healing = await Reserve(mine.Content);
        Assert.Equal(2, healing.Generation);
        await Commit(Story.Settle(healing));
        var locations = (await Views.Content(Scope, address))!.Locations;
        Assert.Equal([LocationState.Live, LocationState.Failed], locations.Select(location => location.State));
        await Commit(Story.CondemnReplaced(locations[1]));
        Assert.Equal(0, (await Views.Status()).FailedLocations[Story.Backend]);
        Assert.Equal(2, Assert.Single((await Views.Content(Scope, address))!.Locations).Generation);
    }

    [Fact]
    public async Task Packages_are_listed_newest_first_by_any_filters_in_pages()
    {
        var expected = new List<(PackageId Id, string Producer, string Subject, string Branch)>();
        for (var i = 0; i < 60; i++)
        {
            var (producer, subject, branch) = ($"p{i % 2}", $"s{i % 3}", $"b{i % 5}");
            var id = await NewPackage(producer, subject, $$"""{"branch": "{{branch}}", "run": {{i}}, "ok": true}""");
            expected.Insert(0, (id, producer, subject, branch));
        }
        await Check(Anything, _ => true);
        await Check(Anything with { Producer = "p1" }, p => p.Producer == "p1");
        await Check(Anything with { Subject = "s2" }, p => p.Subject == "s2");
        await Check(Anything with { Producer = "p1", Subject = "s2" }, p => p.Producer == "p1" && p.Subject == "s2");
        await Check(Anything with { Metadata = [new("branch", "b3")] }, p => p.Branch == "b3");
        await Check(
            Anything with { Producer = "p0", Status = PackageStatus.Created, Metadata = [new("branch", "b3"), new("ok", "true")] },
            p => p.Producer == "p0" && p.Branch == "b3");
        await Check(Anything with { RetentionClass = "raw-evidence", Metadata = [new("run", "7")] }, p => p.Id == expected[^8].Id);
        await Check(Anything with { Producer = "p2" }, _ => false);
        await Check(Anything with { Status = PackageStatus.Finalized }, _ => false);
        await Check(Anything with { Producer = "p0", Metadata = [new("run", "7")] }, _ => false);
        Assert.Empty(await Views.Packages(new("other"), Anything, null, 10));

        async Task Check(PackageFilter filter, Func<(PackageId Id, string Producer, string Subject, string Branch), bool> wanted)
        {
            var seen = new List<PackageId>();
            long? before = null;
            while (await Views.Packages(Story.Tenant, filter, before, 7) is { Count: > 0 } page)
            {
                seen.AddRange(page.Select(row => row.Package.Id));
                before = page[^1].Key;
            }
            Assert.Equal(expected.Where(wanted).Select(p => p.Id), seen);
        }
    }

    [Fact]
    public async Task The_status_filter_follows_a_package_into_its_end()
    {
        var (open, closed) = (await NewPackage(), await NewPackage());
        await Commit(Story.SettleAndFinalize(closed, 2, await Reserve(Story.NewContent()), 0, 0));
        var created = await Views.Packages(Story.Tenant, Anything with { Status = PackageStatus.Created }, null, 10);
        var finalized = await Views.Packages(Story.Tenant, Anything with { Status = PackageStatus.Finalized }, null, 10);
        Assert.Equal([open], created.Select(row => row.Package.Id));
        Assert.Equal([closed], finalized.Select(row => row.Package.Id));
    }

    [Fact]
    public async Task R01_R02_a_new_store_has_the_five_classes_and_takes_others()
    {
        Assert.Equal(RetentionClasses.Seed, await Views.RetentionClasses(Story.Tenant));
        await Commit(Define("custom"));
        Assert.Equal(new("custom", 60, "a class of the tests"), await Views.RetentionClass(Story.Tenant, "custom"));
        var longer = new RetentionClassDefined("transient", 9, "longer");
        await Commit(Story.Append(new(Story.Tenant, SubjectKind.RetentionClass, "transient"), longer));
        Assert.Equal(new("transient", 9, "longer"), await Views.RetentionClass(Story.Tenant, "transient"));
        Assert.Equal(6, (await Views.RetentionClasses(Story.Tenant)).Count);
        Assert.Null(await Views.RetentionClass(new("other"), "transient"));
    }

    [Fact]
    public async Task Metadata_schemas_are_found_by_slug_and_in_pages()
    {
        var schema = Story.Metadata("""{"type": "object"}""");
        foreach (var slug in new[] { "c", "a", "b" })
            await Commit(Story.Append(new(Story.Tenant, SubjectKind.MetadataSchema, slug), new MetadataSchemaRegistered(slug, schema)));
        var one = (await Views.MetadataSchema(Story.Tenant, "b"))!;
        Assert.Equal(("b", schema, Story.Time, Story.Actor), (one.Slug, one.Schema, one.RegisteredAt, one.RegisteredBy));
        Assert.Equal(["a", "b"], (await Views.MetadataSchemas(Story.Tenant, null, 2)).Select(s => s.Slug));
        Assert.Equal(["c"], (await Views.MetadataSchemas(Story.Tenant, "b", 2)).Select(s => s.Slug));
        Assert.Null(await Views.MetadataSchema(Story.Tenant, "d"));
    }

    [Fact]
    public async Task The_status_names_the_store_and_its_head()
    {
        var status = await Views.Status();
        Assert.NotEqual(Guid.Empty, status.StoreId);
        Assert.Equal((1, Journal.Head), (status.Incarnation, status.Head));
        await Commit(Define("x"));
        var later = await Views.Status();
        Assert.Equal(status with { Head = status.Head + 1 }, later with { FailedLocations = status.FailedLocations });
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
