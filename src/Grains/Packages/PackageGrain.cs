using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Grains.Packages;

/// <summary>
/// One package. It serialises nothing that commutes: files from many callers are gathered into one append call, and the journal's guards
/// (package open, path free, location live) decide, so that two activations of one package are slow at worst, never wrong.
/// </summary>
[Interleaves]
public sealed partial class PackageGrain(IJournal journal, IViews views, IGrains grains) : JournaledGrain<PackageState>(journal), IPackageGrain
{
    private TenantId _tenant;
    private PackageId _id;

    public async Task<Outcome<PackageAnswer>> Create(CreatePackage command)
    {
        Check(command.Tenant, command.Id);
        if (PackageTexts.Refusal(command) is { } refusal) return refusal;
        var retention = await grains.Call<IRetentionClassGrain, Outcome<RetentionClassView>>(
            $"{command.Tenant}/{command.RetentionClass}", grain => grain.Describe());
        if (!retention.Succeeded) return retention.Error;
        if (command.MetadataSchema is { } slug)
        {
            var metadata = await grains.Call<IMetadataSchemaGrain, Outcome<bool>>(
                $"{command.Tenant}/{slug}", grain => grain.Check(command.Metadata));
            // What is not found there is a fault of the request here, not of its address.
            if (metadata.Error?.Code == ErrorCatalogue.SchemaUnknown.Code) return ErrorCatalogue.SchemaNotRegistered.With(metadata.Error.Detail);
            if (!metadata.Succeeded) return metadata.Error;
        }
        return await Submit(state => PackageDecider.Decide(state, command, retention.Value), condition => Refused(command, condition));
    }

    public async Task<Outcome<PackageAnswer>> Ingest(IngestFile command)
    {
        Check(command.Tenant, command.Package);
        var answer = await Submit(
            state => PackageDecider.Decide(state, command),
            condition => Task.FromResult(Refused(command.Path, condition)));
        // A finalized package is refused without an append; only then can a repeat of an answered upload have been missed by the journal.
        return answer.Error?.Code == ErrorCatalogue.PackageNotOpen.Code ? await RepeatOf(command) ?? answer : answer;
    }

    public Task<Outcome<PackageAnswer>> Finalize(FinalizePackage command)
    {
        Check(command.Tenant, command.Package);
        return Submit(
            state => PackageDecider.Decide(state, command),
            condition => Task.FromResult(Refused(path: null, condition)));
    }

    public Task<Outcome<PackageView>> Extend(ExtendRetention command)
    {
        Check(command.Tenant, command.Package);
        return Submit(state => PackageRetentionDecider.Decide(state, command), _ => Again<PackageView>());
    }

    public Task<Outcome<HoldView>> ApplyHold(ApplyHold command)
    {
        Check(command.Tenant, command.Cover);
        return Submit(
            state => PackageRetentionDecider.Decide(state, command),
            condition => condition is Condition.HoldIdFree
                ? Task.FromResult<Refusal<HoldView>>(new Refusal<HoldView>.Answered(HoldDecider.Exists(command)))
                : Again<HoldView>());
    }

    public Task<Outcome<PackageView>> ReleaseHold(ReleaseHold command)
    {
        Check(command.Tenant, command.Cover);
        return Submit(
            state => PackageRetentionDecider.Decide(state, command),
            _ => Task.FromResult<Refusal<PackageView>>(new Refusal<PackageView>.Answered(HoldDecider.Unknown(command))));
    }

    public Task<Outcome<PackageView>> RequestDeletion(RequestDeletion command)
    {
        Check(command.Tenant, command.Package);
        return Submit(
            state => PackageRetentionDecider.Decide(state, command),
            condition => condition is Condition.PackageNotHeld gate ? Held(gate) : Again<PackageView>());
    }

    public Task<Outcome<MarkAnswer>> MarkExpired(MarkExpired command)
    {
        Check(command.Tenant, command.Package);
        return Submit(
            state => PackageRetentionDecider.Decide(state, command),
            condition => condition is Condition.PackageNotHeld
                ? Task.FromResult<Refusal<MarkAnswer>>(new Refusal<MarkAnswer>.Answered(MarkAnswer.Held))
                : Again<MarkAnswer>());
    }

    public async Task<Outcome<PackageView>> Describe()
    {
        try
        {
            // Not the kept state: another node may have gone on since.
            if (await views.Package(_tenant, _id) is { } package) return package;
        }
        catch (JournalUnavailableException unavailable)
        {
            return unavailable.AsError();
        }
        // Whoever asks for packages that do not exist must not fill the memory with them.
        DeactivateSoon();
        return ErrorCatalogue.PackageUnknown.With($"there is no package {_id}");
    }

    protected override Task OnActivate()
    {
        var slash = Key.LastIndexOf('/');
        _tenant = new(Key[..slash]);
        _id = PackageId.Parse(Key.AsSpan(slash + 1), null);
        return Task.CompletedTask;
    }

    protected override async Task<PackageState> Load() => PackageState.Of(await views.Package(_tenant, _id));

    protected override bool MayKeep(PackageState state) => state is PackageState.Existing;

    protected override long SequenceOf(PackageState state) => state is PackageState.Existing existing ? existing.View.LastEventSequence : 0;

    protected override PackageState Evolve(PackageState state, StreamEvent @event, string actor, long sequence) =>
        PackageDecider.Evolve(state, @event, actor, sequence);

    /// <summary>Names the holds; when the last of them has just been released, it is asked again.</summary>
    private async Task<Refusal<PackageView>> Held(Condition.PackageNotHeld gate)
    {
        const int named = 3;
        if (await views.Package(gate.Tenant, gate.Package) is not { } package) return Refusal<PackageView>.DecideAgain.Instance;
        var holds = await views.HoldsOn(package, named + 1);
        if (holds.Count == 0) return Refusal<PackageView>.DecideAgain.Instance;
        var names = string.Join(", ", holds.Take(named).Select(hold => $"{hold.Id} on {RetentionNames.Of(hold.Kind)} ({hold.Reason})"));
        return new Refusal<PackageView>.Answered(
            ErrorCatalogue.Held.With($"the package {package.Id} is kept by {names}{(holds.Count > named ? " and others" : "")}"));
    }

    private static Task<Refusal<T>> Again<T>() => Task.FromResult<Refusal<T>>(Refusal<T>.DecideAgain.Instance);

    private async Task<Refusal<PackageAnswer>> Refused(CreatePackage command, Condition condition)
    {
        if (condition is not Condition.IdempotencyKeyFree { Key: var key }) return Refusal<PackageAnswer>.DecideAgain.Instance;
        var entry = await views.IdempotencyKey(_tenant, command.Actor, key);
        if (entry is null) return Refusal<PackageAnswer>.DecideAgain.Instance;
        if (entry.RequestDigest != command.RequestDigest)
        {
            return Answered(ErrorCatalogue.IdempotencyKeyReused.With("another request was made with this key"));
        }
        var package = await views.Package(_tenant, PackageId.Parse(entry.ResultId, null));
        return package is null
            ? Answered(ErrorCatalogue.PackageUnknown.With($"the package {entry.ResultId} that this key made is gone"))
            : Answered(new PackageAnswer.Done(package));
    }

    private static Refusal<PackageAnswer> Refused(RelativePath? path, Condition condition) => condition switch
    {
        Condition.PathFree => Answered(ErrorCatalogue.PathTaken.With($"there is a file at {path}")),
        Condition.LocationLive or Condition.MaySettle => Answered(new PackageAnswer.PlaceAgain()),
        _ => Refusal<PackageAnswer>.DecideAgain.Instance,
    };

    private static Refusal<PackageAnswer>.Answered Answered(Outcome<PackageAnswer> answer) => new(answer);

    private async Task<Outcome<PackageAnswer>?> RepeatOf(IngestFile command)
    {
        try
        {
            var file = await views.FileAt(_tenant, _id, command.Path);
            if (file?.Id != command.FileId) return null;
            return new Outcome<PackageAnswer>(new PackageAnswer.FileDone(file));
        }
        catch (JournalUnavailableException unavailable)
        {
            return unavailable.AsError();
        }
    }

    private void Check(TenantId tenant, HoldCover cover)
    {
        if (cover.Kind != HoldKind.Package) throw new InvalidOperationException($"a hold on {cover.Kind} was sent to {Key}");
        Check(tenant, PackageId.Parse(cover.Covers, null));
    }

    private void Check(TenantId tenant, PackageId package)
    {
        if (tenant != _tenant || package != _id) throw new InvalidOperationException($"a command for {tenant}/{package} was sent to {Key}");
    }
}
