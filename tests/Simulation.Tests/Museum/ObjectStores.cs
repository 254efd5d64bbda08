using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Simulation.Tests.Model;

namespace ArtifactStore.Simulation.Tests.Museum;

/// <summary>A write that failed is cleaned up by whoever made it, and tried again; the first one, or its clean-up, is still on its way.</summary>
internal sealed class SeaweedFs11366 : Exhibit
{
    public override IBlobStore Client(IBlobStore inner, SimulatedStore store) => new CleansUp(inner, store);

    private sealed class CleansUp(IBlobStore inner, SimulatedStore store) : ForwardingBackend(inner)
    {
        public override async Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
        {
            try
            {
                await base.Promote(staged, key, cancellation);
            }
            catch (BlobStoreException)
            {
                store.Machine.ArriveLater($"clean-up of {key}", () => store.Root.Overwrite(key, null));
                await base.Promote(staged, key, cancellation);
            }
        }
    }
}

/// <summary>An upload that left something behind is taken for abandoned, and its parts are those of the finished object.</summary>
internal sealed class SeaweedFs10663 : Exhibit
{
    private readonly Dictionary<AttemptId, string> _leftovers = [];

    public override IBlobStore Client(IBlobStore inner, SimulatedStore store) => new Uploads(inner, _leftovers);

    /// <summary>The cleaner comes along with the collector.</summary>
    public override ICollectionViews Lists(ICollectionViews inner, SimulatedStore store) => new Observed(inner)
    {
        Eligible = _ =>
        {
            foreach (var key in _leftovers.Values) store.Root.Overwrite(key, null);
            _leftovers.Clear();
        },
    };

    private sealed class Uploads(IBlobStore inner, Dictionary<AttemptId, string> leftovers) : ForwardingBackend(inner)
    {
        public override async Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default) =>
            new Upload(await base.Stage(attempt, source, sizeHint, cancellation), leftovers);

        public override async Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
        {
            await base.Promote(((Upload)staged).Inner, key, cancellation);
            leftovers[staged.Attempt] = key;
        }
    }

    private sealed class Upload(IStagedBlob inner, Dictionary<AttemptId, string> leftovers) : IStagedBlob
    {
        public IStagedBlob Inner => inner;

        public AttemptId Attempt => inner.Attempt;

        public ContentDigests Digests => inner.Digests;

        public ValueTask DisposeAsync()
        {
            leftovers.Remove(Attempt);
            return inner.DisposeAsync();
        }
    }
}

/// <summary>A deletion that was queued is carried out on whatever is there by then under that name, also on what was written since.</summary>
internal sealed class SeaweedFs10366 : Exhibit
{
    public override IBlobStore Backend(IBlobStore inner, SimulatedStore store) => new ByName(inner, store.Root);

    private sealed class ByName(IBlobStore inner, InMemoryBlobRoot root) : ForwardingBackend(inner)
    {
        public override Task<bool> Delete(string key, CancellationToken cancellation = default)
        {
            var name = key.Split('.')[0];
            foreach (var there in root.Keys)
            {
                if (there.StartsWith(name, StringComparison.Ordinal)) root.Overwrite(there, null);
            }
            return Task.FromResult(true);
        }
    }
}

/// <summary>What is locked is deleted with what contains it.</summary>
internal sealed class SeaweedFs7194 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) => new ForgetfulJournal(
        inner, condition => condition is Condition.KeptOnlyBy only
            && store.Model.References.Values.Count(reference => reference == (only.Backend, only.Content)) == 1);
}

/// <summary>A lock is recorded, shown, and not asked for by the deletion.</summary>
internal sealed class RustFs1509 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) =>
        new ForgetfulJournal(inner, condition => condition is Condition.PackageNotHeld);
}

/// <summary>A lock binds users, and not whoever is more than a user.</summary>
internal sealed class VersityGw579 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) => new Privileged(inner);

    private sealed class Privileged(IJournal inner) : ForwardingJournal(inner)
    {
        protected override Task<AppendResult> Append(Append append) =>
            append.Actor == "system" ? AppendWithout(append, condition => condition is Condition.PackageNotHeld) : base.Append(append);
    }
}

/// <summary>Locks are looked for first, and what was looked at is not fenced while it is being deleted.</summary>
internal sealed class NooBaa9896 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) =>
        new CheckThenActJournal(inner, store, condition => condition is Condition.PackageNotHeld or Condition.NotAllHeld);
}

/// <summary>Bytes that were given up and are still there are taken into use again, and their deletion was decided before.</summary>
internal sealed class Duplicacy8985 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) => new Fossils(inner, store);

    private sealed class Fossils(IJournal inner, SimulatedStore store) : ForwardingJournal(inner)
    {
        public override Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default)
        {
            foreach (var (where, location) in store.Model.Locations)
            {
                if (where.Content != request.Content.Blake3 || !IsFossil(location)) continue;
                return Task.FromResult<ReserveResult>(new ReserveResult.Live(
                    new(where.Backend, where.Content, where.Generation, location.Key, LocationState.Live, "identity")));
            }
            return base.Reserve(request, cancellation);
        }

        protected override Task<AppendResult> Append(Append append) => AppendWithout(append, condition =>
            condition is Condition.LocationLive live && store.Model.Locations.Any(pair =>
                pair.Key.Content == live.Content && IsFossil(pair.Value)));

        private bool IsFossil(ModelLocation location) =>
            location is { State: LocationState.Condemned, WasLive: true } && store.Root.BytesAt(location.Key) is not null;
    }
}
