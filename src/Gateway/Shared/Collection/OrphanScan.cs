using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>What one page of a scan found.</summary>
/// <param name="BackendId">What was listed.</param>
/// <param name="Next">The key that the next page comes after; null: this was the last.</param>
/// <param name="Keys">How many were listed.</param>
/// <param name="Bytes">How many these hold.</param>
/// <param name="Orphans">Objects that no row knows, and those that came back after they were deleted.</param>
/// <param name="OrphanBytes">What they hold.</param>
/// <param name="Deleted">Orphans that are gone.</param>
/// <param name="DeletedBytes">What these held.</param>
/// <param name="Failed">Orphans whose backend did not acknowledge the deletion: they stay condemned, and the collector tries again.</param>
/// <param name="Foreign">Names that this store does not write: never touched.</param>
/// <param name="Findings">Each orphan and each foreign name.</param>
public sealed record ScanPage(
    string BackendId, string? Next, long Keys, long Bytes, long Orphans, long OrphanBytes, long Deleted, long DeletedBytes, long Failed, long Foreign,
    IReadOnlyList<ScanFinding> Findings);

/// <param name="PhysicalKey">The name in the backend.</param>
/// <param name="Size">Of the object.</param>
/// <param name="Kind">orphan, left_behind, foreign.</param>
/// <param name="Outcome">reported, deleted, failed, held: a hold is on everything, kept: somebody took its number meanwhile.</param>
public sealed record ScanFinding(string PhysicalKey, long Size, string Kind, string Outcome);

/// <summary>What a scan deletes of what it finds.</summary>
public enum ScanDeletion
{
    Nothing = 1,

    /// <summary>What a row says was deleted: right even when the database is an older copy, which takes all that came after it for orphans.</summary>
    LeftBehind = 2,

    All = 3,
}

/// <summary>
/// Finds the objects of a backend that no row knows, a page of keys at a time, and deletes them the way of all others: condemned by an append
/// that proves that nobody has their number, then <see cref="LocationDeletion"/> (ADR 9). A root that is not of this store and this life of its
/// log is refused on every page.
/// </summary>
public sealed class OrphanScan(ICollectionViews lists, IViews views, IGrains grains, IBlobStores blobs, LocationDeletion deletion)
{
    public const int PageKeys = 1000;

    /// <exception cref="BlobStoreException">The backend does not answer, or its root belongs to another store or another life of this one.</exception>
    public async Task<ScanPage> Page(BackendId id, string? after, ScanDeletion what, CancellationToken cancellation)
    {
        var backend = blobs.Get(id);
        var status = await views.Status(cancellation);
        await backend.Claim(new(status.StoreId, status.Incarnation), holdsBytes: true, cancellation);
        var objects = new List<BlobListing>();
        await foreach (var item in backend.List(after, cancellation))
        {
            objects.Add(item);
            if (objects.Count == PageKeys) break;
        }
        var surveyed = await Survey(id, objects, status.Incarnation, cancellation);
        var orphans = surveyed.Where(key => key.Standing is KeyStanding.Orphan or KeyStanding.LeftBehind).ToList();
        var unwanted = orphans.Where(key => what == ScanDeletion.All || (what == ScanDeletion.LeftBehind && key.Standing == KeyStanding.LeftBehind));
        var outcomes = await Delete(id, [.. unwanted], cancellation);
        var findings = orphans.Select(key => new ScanFinding(
            key.Object.Key, key.Object.Size, WordOf(key.Standing), outcomes.GetValueOrDefault(key.Object.Key, "reported"))).ToList();
        var foreign = surveyed.Where(key => key.Standing == KeyStanding.Foreign)
            .Select(key => new ScanFinding(key.Object.Key, key.Object.Size, WordOf(key.Standing), "reported")).ToList();
        var deleted = findings.Where(found => found.Outcome == "deleted").ToList();
        return new(
            id.Value, objects.Count == PageKeys ? objects[^1].Key : null, objects.Count, objects.Sum(item => item.Size),
            findings.Count, findings.Sum(found => found.Size), deleted.Count, deleted.Sum(found => found.Size),
            findings.LongCount(found => found.Outcome == "failed"), foreign.Count, [.. findings, .. foreign]);
    }

    private async Task<IReadOnlyList<SurveyedKey>> Survey(
        BackendId id, List<BlobListing> objects, int incarnation, CancellationToken cancellation)
    {
        var names = objects.Select(item => PhysicalKey.Read(item.Key)).ToList();
        var contents = names.OfType<KeyName>().Select(name => new StoredContent(name.Tenant, name.Content)).Distinct().ToList();
        return KeySurvey.Of(objects, names, await lists.KnownKeys(id, contents, cancellation), incarnation);
    }

    /// <summary>What became of each, by key.</summary>
    private async Task<IReadOnlyDictionary<string, string>> Delete(
        BackendId id, IReadOnlyList<SurveyedKey> unwanted, CancellationToken cancellation)
    {
        var condemned = await Task.WhenAll(unwanted.Select(key => Condemn(id, key)));
        var outcomes = unwanted.Zip(condemned, (key, answer) => (key.Object.Key, answer == CondemnAnswer.Kept ? "kept" : "held")).ToDictionary();
        var doomed = unwanted.Where((_, i) => condemned[i] == CondemnAnswer.Condemned).ToList();
        var deletions = await deletion.DeletePage([.. doomed.Select(key => DoomedOf(id, key))], cancellation);
        foreach (var (key, done) in doomed.Zip(deletions)) outcomes[key.Object.Key] = WordOf(done.Outcome);
        return outcomes;
    }

    /// <summary>What is gone was condemned once.</summary>
    private async Task<CondemnAnswer> Condemn(BackendId id, SurveyedKey key) => key.Standing == KeyStanding.LeftBehind
        ? CondemnAnswer.Condemned
        : await grains.Call<IContentGrain, CondemnAnswer>(
            ContentKey.Of(key.Name!.Tenant, id, key.Name.Content), grain => grain.CondemnOrphan(LocationOf(id, key)));

    private static DoomedLocation DoomedOf(BackendId id, SurveyedKey key) =>
        new(0, key.Name!.Tenant, LocationOf(id, key), key.Object.Size, Released: null, StartedBy: null);

    private static LocationView LocationOf(BackendId id, SurveyedKey key) => new(
        id, key.Name!.Content, key.Generation, key.Object.Key,
        key.Standing == KeyStanding.LeftBehind ? LocationState.Gone : LocationState.Condemned, Encoding: "");

    private static string WordOf(KeyStanding standing) => standing switch
    {
        KeyStanding.Orphan => "orphan",
        KeyStanding.LeftBehind => "left_behind",
        _ => "foreign",
    };

    private static string WordOf(DeletionOutcome outcome) => outcome switch
    {
        DeletionOutcome.Deleted => "deleted",
        DeletionOutcome.Failed => "failed",
        _ => "held",
    };
}
