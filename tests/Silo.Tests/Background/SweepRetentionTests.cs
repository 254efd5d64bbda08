using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Tests.Background;

/// <summary>A whole store, composed as the executable does it, whose clock the test moves.</summary>
public sealed class SweepRetentionTests
{
    private static readonly Principal Tester = new(TenantId.Default, "tester", Anonymous: false);

    [Fact]
    public async Task R07_C10_the_store_sweeps_by_itself_at_the_interval()
    {
        var folder = Directory.CreateTempSubdirectory("sweep-").FullName;
        var clock = new MovedClock();
        var settings = SettingsReader.Read(new Dictionary<string, string>
        {
            ["ARTIFACTSTORE_DATABASE_URL"] = $"sqlite:///{folder}/store.db",
            ["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = $"{folder}/storage",
            ["ARTIFACTSTORE_RETENTION_SWEEP_INTERVAL_SECONDS"] = "1",
        });
        await using (var store = await StoreComposition.Open(settings, NullLoggerFactory.Instance, clock))
        {
            await store.Start();
            var creation = new PackageCreation(store.Grains, store.Views, store.Blobs, store.Ids, store.Time);
            var ids = new List<PackageId>();
            foreach (var retentionClass in new[] { "transient", "raw-evidence" })
            {
                var made = await creation.Create(Tester, new("p", "ci", "s", retentionClass, CanonicalDocument.EmptyMap), CancellationToken.None);
                ids.Add(made.Value!.Id);
            }
            var before = store.Journal.Head;
            clock.Ahead = TimeSpan.FromDays(2);
            var head = await store.Journal.WaitForEvents(before, TimeSpan.FromSeconds(30), CancellationToken.None);
            Assert.Equal(before + 1, head);
            Assert.NotNull((await store.Views.Package(TenantId.Default, ids[0]))!.Eligible);
            Assert.Null((await store.Views.Package(TenantId.Default, ids[1]))!.Eligible);
        }
        Directory.Delete(folder, recursive: true);
    }

    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
