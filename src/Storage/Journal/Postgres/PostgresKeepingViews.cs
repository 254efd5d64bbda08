using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>What keeps things in a PostgreSQL store.</summary>
internal sealed class PostgresKeepingViews(PostgresReaders readers) : IKeepingViews
{
    private static readonly ReferencePosition Start = new("", 0, 0, 0);

    public async Task<IReadOnlyList<bool>> Hold(IReadOnlyList<Condition> conditions, CancellationToken cancellation = default)
    {
        var decider = new BatchDecider(await readers.Facts(BatchQuestions.Of(conditions), cancellation), incarnation: 0);
        return [.. conditions.Select(decider.Holds)];
    }

    public async Task<IReadOnlyList<KeptSlot>> Slots(
        TenantId tenant, IReadOnlyList<(BackendId Backend, Digest256 Content)> slots, int countTo, CancellationToken cancellation = default)
    {
        SlotRef[] asked = [.. slots.Select(slot => new SlotRef(tenant, slot.Backend, slot.Content))];
        var facts = await readers.Facts(BatchQuestions.Of(asked, countTo), cancellation);
        return [.. asked.Select(slot => new KeptSlot(facts.Slots[slot].Live is not null, facts.Keepers[slot]))];
    }

    public Task<KnownContent?> Content(TenantId tenant, ContentAddress address, CancellationToken cancellation = default) => readers.First(
        KeepingSql.Content, KeepingSql.KnownContent, [tenant.Value, address.AlgorithmName, address.Digest.ToArray()], cancellation);

    public Task<IReadOnlyList<KnownLocation>> Locations(KnownContent content, int limit, CancellationToken cancellation = default) =>
        readers.All(KeepingSql.Locations, KeepingSql.KnownLocation, [content.Key, (long)limit], cancellation);

    public Task<IReadOnlyList<KeepingReference>> Keepers(
        KnownContent content, ReferencePosition? after, int limit, CancellationToken cancellation = default)
    {
        var from = after ?? Start;
        return readers.All(
            KeepingSql.Keepers, KeepingSql.KeepingReference,
            [content.Key, from.Backend, from.Edge, from.FromKind, from.FromKey, (long)limit], cancellation);
    }

    public async Task<bool> IsQueued(TenantId tenant, Digest256 content, CancellationToken cancellation = default) =>
        (await readers.All(KeepingSql.IsQueued, row => row.Int64(0), [tenant.Value, content.ToArray()], cancellation)).Count > 0;

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) =>
        readers.First(KeepingSql.File, ViewRows.File, [id.Value, tenant.Value], cancellation);

    public Task<IReadOnlyList<EventRecord>> LastEvents(TenantId tenant, PackageId package, int limit, CancellationToken cancellation = default) =>
        readers.All(KeepingSql.LastEvents, ViewRows.Event, [tenant.Value, package.ToString(), (long)limit], cancellation);
}
