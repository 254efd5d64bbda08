using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>
/// The part of <see cref="AppendCheck"/> that is about deleting: no bytes are condemned or called gone by an append that has not proved that
/// nothing keeps them, whatever a caller forgets.
/// </summary>
internal static class DeletionCheck
{
    public static string? FindFault(BatchState state, Append append, in StreamId stream, LocationCondemned e)
    {
        var slot = new SlotRef(stream.Tenant, e.Backend, e.Content);
        var present = state.Generations[new(slot, e.Generation)];
        if (present is LocationState.Condemned or LocationState.Gone) return "the location is condemned already";
        if (e.Releases is { } keeper && !ProvesLast(append, slot, keeper)) return "a reference is released that was not proved to be the last";
        if (e.Releases is not null) return null;
        // A reservation that never settled, an orphan, and what good bytes have replaced keep nothing alive.
        if (present is null) return ProvesUnsettled(append, slot, e.Generation) ? null : "a key is condemned that was not proved to be unsettled";
        if (present is LocationState.Failed && IsReplaced(state, append, slot, e.Generation)) return null;
        return ProvesNotKept(append, slot) || IsMoved(append, slot) ? null : $"content {e.Content} is condemned in {e.Backend} without proof";
    }

    public static string? FindFault(BatchState state, Append append, in StreamId stream, LocationDeleted e)
    {
        var slot = new SlotRef(stream.Tenant, e.Backend, e.Content);
        if (e.BytesDeleted != e.Generation is not null) return "bytes that are gone lay in one generation";
        if (e.Generation is { } generation)
            return state.Generations[new(slot, generation)] is LocationState.Condemned ? null : "only a condemned location becomes gone";
        if (stream.Kind != SubjectKind.Package) return "only a package releases references";
        var keeper = new Keeper(BatchQuestions.PackageOf(stream).Id, e.File, e.FileKey);
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.KeptBeside c && new SlotRef(c.Tenant, c.Backend, c.Content) == slot && c.Keeper == keeper) return null;
        }
        return "a reference is released without proof that the bytes stay";
    }

    public static string? FindFault(Append append, in StreamId stream)
    {
        var package = BatchQuestions.PackageOf(stream);
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.NothingLeft left && left.Tenant == package.Tenant && left.Package == package.Id) return null;
        }
        return $"the package {package.Id} ends without proof that nothing is left of it";
    }

    private static bool ProvesLast(Append append, SlotRef slot, Keeper keeper)
    {
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.KeptOnlyBy c && new SlotRef(c.Tenant, c.Backend, c.Content) == slot && c.Keeper == keeper) return true;
        }
        return false;
    }

    private static bool ProvesUnsettled(Append append, SlotRef slot, int generation)
    {
        foreach (var condition in append.Conditions)
        {
            var (proved, number) = condition switch
            {
                Condition.ReservationExists c => (new SlotRef(c.Tenant, c.Backend, c.Content), c.Generation),
                Condition.GenerationFree c => (new SlotRef(c.Tenant, c.Backend, c.Content), c.Generation),
                _ => default,
            };
            if (proved == slot && number == generation) return true;
        }
        return false;
    }

    private static bool ProvesNotKept(Append append, SlotRef slot)
    {
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.NotKept c && new SlotRef(c.Tenant, c.Backend, c.Content) == slot) return true;
        }
        return false;
    }

    private static bool IsMoved(Append append, SlotRef slot)
    {
        foreach (var streamEvent in append.Events)
        {
            if (streamEvent.Body is ContentMoved e && e.From == slot.Backend && e.Content == slot.Blake3) return true;
        }
        return false;
    }

    /// <summary>By a generation that is live, or that this append settles.</summary>
    private static bool IsReplaced(BatchState state, Append append, SlotRef slot, int generation)
    {
        if (state.Slots[slot].Live is { } live && live.Generation != generation) return true;
        foreach (var streamEvent in append.Events)
        {
            if (streamEvent.Body is LocationSettled e && e.Backend == slot.Backend && e.Content.Blake3 == slot.Blake3) return true;
        }
        return false;
    }
}
