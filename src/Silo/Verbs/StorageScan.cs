using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using ScanFinding = ArtifactStore.Client.ScanFinding;
using ScanPage = ArtifactStore.Client.ScanPage;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Lists a backend and tells what the store does not know; deletes it only when asked to.</summary>
internal sealed class StorageScan(Session session, Func<StoreSettings> settings, string backend, bool delete)
    : StorageRun<ScanPage>(session, settings, $"artifactstore storage scan --backend {backend}{(delete ? " --delete" : "")}")
{
    private readonly List<ScanFinding> _findings = [];
    private long _keys;
    private long _bytes;
    private long _orphans;
    private long _orphanBytes;
    private long _deleted;
    private long _deletedBytes;
    private long _failed;
    private long _foreign;

    /// <summary>An orphan is nothing wrong: crashes leave them. One that should be deleted and is not is.</summary>
    protected override bool IsGood => _failed == 0;

    protected override Task<ScanPage> OnServer(ArtifactStoreClient store, string? after, CancellationToken cancellation) =>
        store.ScanAsync(backend, after, delete, cancellation);

    protected override async Task<ScanPage> Here(StoreComposition store, string? after, CancellationToken cancellation)
    {
        if (store.Blobs.All.All(known => known.Id.Value != backend))
            throw new CliFailureException(ExitCode.NotFound, $"there is no storage backend '{backend}'");
        var what = delete ? ScanDeletion.All : ScanDeletion.Nothing;
        var page = await store.Orphans.Page(new BackendId(backend), after, what, cancellation);
        return new(
            page.BackendId, page.Next, page.Keys, page.Bytes, page.Orphans, page.OrphanBytes, page.Deleted, page.DeletedBytes, page.Failed,
            page.Foreign, [.. page.Findings.Select(found => new ScanFinding(found.PhysicalKey, found.Size, found.Kind, found.Outcome))]);
    }

    protected override string? Count(ScanPage page)
    {
        _keys += page.Keys;
        _bytes += page.Bytes;
        _orphans += page.Orphans;
        _orphanBytes += page.OrphanBytes;
        _deleted += page.Deleted;
        _deletedBytes += page.DeletedBytes;
        _failed += page.Failed;
        _foreign += page.Foreign;
        // The answer is one document, so it keeps them; told to a person they need not be kept.
        if (Session.Json) _findings.AddRange(page.Findings);
        foreach (var found in page.Findings)
        {
            Session.Host.Error.WriteLine(
                $"{found.Kind.Replace('_', ' ')}: {Sentence.Printable(found.PhysicalKey)}, {Sentence.Bytes(found.Size)}, {found.Outcome}");
        }
        return page.Next;
    }

    protected override string Progress(double seconds) =>
        $"looked at {Sentence.Count(_keys, "object")}, {(long)(_keys / seconds)}/s, {Sentence.Count(_orphans, "orphan")}";

    protected override void Tell(string? next)
    {
        Session.Say(
            $"looked at {Sentence.Count(_keys, "object")} in {backend}, {Sentence.Bytes(_bytes)}: {Sentence.Count(_orphans, "orphan")}, "
            + $"{Sentence.Bytes(_orphanBytes)}; {_deleted} deleted, {Sentence.Bytes(_deletedBytes)}; {Sentence.Count(_failed, "deletion")} FAILED; "
            + $"{Sentence.Count(_foreign, "foreign name")}");
        Session.Document(
            new StorageScanAnswer(
                backend, next, delete, _keys, _bytes, _orphans, _orphanBytes, _deleted, _deletedBytes, _failed, _foreign, _findings),
            SiloJson.Default.StorageScanAnswer);
    }
}
