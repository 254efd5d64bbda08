using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>What keeps things in a SQLite store.</summary>
internal sealed class SqliteKeepingViews(SqliteReaders readers) : IKeepingViews
{
    private static readonly ReferencePosition Start = new("", 0, 0, 0);

    public async Task<IReadOnlyList<bool>> Hold(IReadOnlyList<Condition> conditions, CancellationToken cancellation = default)
    {
        var decider = new BatchDecider(await Facts(BatchQuestions.Of(conditions), cancellation), incarnation: 0);
        return [.. conditions.Select(decider.Holds)];
    }

    public async Task<IReadOnlyList<KeptSlot>> Slots(
        TenantId tenant, IReadOnlyList<(BackendId Backend, Digest256 Content)> slots, int countTo, CancellationToken cancellation = default)
    {
        SlotRef[] asked = [.. slots.Select(slot => new SlotRef(tenant, slot.Backend, slot.Content))];
        var facts = await Facts(BatchQuestions.Of(asked, countTo), cancellation);
        return [.. asked.Select(slot => new KeptSlot(facts.Slots[slot].Live is not null, facts.Keepers[slot]))];
    }

    public Task<KnownContent?> Content(TenantId tenant, ContentAddress address, CancellationToken cancellation = default) =>
        First(KeepingSql.Content, KeepingSql.KnownContent, cancellation, tenant.Value, address.AlgorithmName, address.Digest);

    public Task<IReadOnlyList<KnownLocation>> Locations(KnownContent content, int limit, CancellationToken cancellation = default) =>
        All(KeepingSql.Locations, KeepingSql.KnownLocation, cancellation, content.Key, limit);

    public Task<IReadOnlyList<KeepingReference>> Keepers(
        KnownContent content, ReferencePosition? after, int limit, CancellationToken cancellation = default)
    {
        var from = after ?? Start;
        return All(
            KeepingSql.Keepers, KeepingSql.KeepingReference, cancellation, content.Key, from.Backend, from.Edge, from.FromKind, from.FromKey, limit);
    }

    public async Task<bool> IsQueued(TenantId tenant, Digest256 content, CancellationToken cancellation = default) =>
        (await All(KeepingSql.IsQueued, row => row.Int64(0), cancellation, tenant.Value, content)).Count > 0;

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) =>
        First(KeepingSql.File, ViewRows.File, cancellation, id.Value, tenant.Value);

    public Task<IReadOnlyList<EventRecord>> LastEvents(TenantId tenant, PackageId package, int limit, CancellationToken cancellation = default) =>
        All(KeepingSql.LastEvents, ViewRows.Event, cancellation, tenant.Value, package.ToString(), limit);

    private Task<BatchState> Facts(BatchQuestions questions, CancellationToken cancellation) =>
        readers.Read(db => SqliteFacts.Read(db, head: 0, questions), cancellation);

    private async Task<T?> First<T>(string sql, Func<IRow, T> read, CancellationToken cancellation, params SqlValue[] values) where T : class =>
        await All(sql, read, cancellation, values) is [var first, ..] ? first : null;

    private Task<IReadOnlyList<T>> All<T>(string sql, Func<IRow, T> read, CancellationToken cancellation, params SqlValue[] values) =>
        readers.All(sql, read, values, cancellation);
}
