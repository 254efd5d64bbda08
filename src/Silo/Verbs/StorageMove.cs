using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using MovePage = ArtifactStore.Client.MovePage;
using VerificationFault = ArtifactStore.Client.VerificationFault;

namespace ArtifactStore.Silo.Verbs;

/// <param name="From">Id of the backend that has the contents.</param>
/// <param name="To">Id of the backend that gets them.</param>
/// <param name="RetentionClass">Only what packages of this class use; null: everything.</param>
/// <param name="Jobs">Objects that are copied at once.</param>
internal sealed record Relocation(string From, string To, string? RetentionClass, int Jobs)
{
    public string Command =>
        $"artifactstore storage move --from {From} --to {To}{(RetentionClass is null ? "" : $" --class {RetentionClass}")} --jobs {Jobs}";
}

/// <summary>Moves the contents of a backend to another one.</summary>
internal sealed class StorageMove(Session session, Func<StoreSettings> settings, Relocation wanted)
    : StorageRun<MovePage>(session, settings, wanted.Command)
{
    private readonly List<VerificationFault> _faults = [];
    private long _locations;
    private long _moved;
    private long _bytes;
    private long _alreadyThere;
    private long _skipped;

    protected override bool IsGood => _faults.Count == 0;

    protected override Task<MovePage> OnServer(ArtifactStoreClient store, string? after, CancellationToken cancellation) =>
        store.MoveAsync(wanted.From, wanted.To, wanted.RetentionClass, KeyOf(after), wanted.Jobs, cancellation);

    protected override async Task<MovePage> Here(StoreComposition store, string? after, CancellationToken cancellation)
    {
        var fault = await store.Mover.FindFault(TenantId.Default, wanted.From, wanted.To, wanted.RetentionClass, cancellation);
        if (fault is not null)
            throw new CliFailureException(fault.Code == ErrorCatalogue.BackendUnknown.Code ? ExitCode.NotFound : ExitCode.Failed, fault.Detail);
        try
        {
            var page = await store.Mover.Page(new(wanted.From), new(wanted.To), wanted.RetentionClass, KeyOf(after), wanted.Jobs, cancellation);
            return new(
                page.FromBackendId, page.ToBackendId, page.Next, page.Locations, page.Moved, page.Bytes, page.AlreadyThere, page.Skipped,
                [.. page.Faults.Select(OnWire)]);
        }
        catch (MoveStoppedException stopped)
        {
            throw new CliFailureException(ExitCode.Failed, stopped.Message.TrimEnd('.'), stopped);
        }
    }

    protected override string? Count(MovePage page)
    {
        _locations += page.Locations;
        _moved += page.Moved;
        _bytes += page.Bytes;
        _alreadyThere += page.AlreadyThere;
        _skipped += page.Skipped;
        _faults.AddRange(page.Faults);
        foreach (var fault in page.Faults) Tell(fault);
        return PlaceOf(page.Next);
    }

    protected override string Progress(double seconds) =>
        $"moved {_moved} of {Sentence.Count(_locations, "object")}, {Sentence.Bytes(_bytes)}, {Sentence.Bytes((long)(_bytes / seconds))}/s";

    protected override void Tell(string? next)
    {
        var verdict = IsGood ? "nothing failed" : $"{Sentence.Count(_faults.Count, "object")} FAILED";
        Session.Say(
            $"moved {_moved} of {Sentence.Count(_locations, "object")} from {wanted.From} to {wanted.To}, {Sentence.Bytes(_bytes)}: "
            + $"{verdict}, {_alreadyThere} already there, {_skipped} skipped");
        Session.Document(
            new StorageMoveAnswer(
                wanted.From, wanted.To, wanted.RetentionClass, NextKey(next), _locations, _moved, _bytes, _alreadyThere, _skipped, _faults),
            SiloJson.Default.StorageMoveAnswer);
    }
}
