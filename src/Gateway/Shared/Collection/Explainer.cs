using System.Globalization;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>
/// Says why something is here and when it goes. Invariant: it says that nothing keeps it exactly when the next collection removes it, because
/// both ask the journal the same. It reads; times are "not before".
/// </summary>
public sealed class Explainer(IViews views, IKeepingViews keeping, KeeperFates fates, Departures departures, TimeProvider time)
{
    /// <summary>Copies that are shown of one content: all that are there, and the latest that went.</summary>
    public const int MaxCopies = 50;

    /// <summary>Holds that are shown with a package; GET /holds lists all.</summary>
    public const int MaxHolds = 100;

    /// <summary>A package or a file, by its id.</summary>
    public async Task<Outcome<Explanation>> Explain(TenantId tenant, Guid id, CancellationToken cancellation)
    {
        var head = await Head(cancellation);
        if (await views.Package(tenant, new(id), cancellation) is { } package) return await Explain(package, null, head, cancellation);
        if (await keeping.File(tenant, new(id), cancellation) is { } file
            && await views.Package(tenant, file.Package, cancellation) is { } its) return await Explain(its, file, head, cancellation);
        return ErrorCatalogue.PackageUnknown.With($"there is no package and no file {id}");
    }

    public async Task<Outcome<Explanation>> Explain(
        TenantId tenant, ContentAddress address, ReferencePosition? after, int limit, CancellationToken cancellation)
    {
        var head = await Head(cancellation);
        if (await keeping.Content(tenant, address, cancellation) is not { } content)
            return ErrorCatalogue.ContentUnknown.With($"there is no content {address} and never was");
        var allHeld = await fates.IsAllHeld(tenant, cancellation);
        var locations = await keeping.Locations(content, MaxCopies, cancellation);
        var copies = await fates.Copies(content, locations, allHeld, cancellation);
        var page = await keeping.Keepers(content, after, limit + 1, cancellation);
        var go = await fates.Go(tenant, page, allHeld, cancellation);
        var more = page.Count > limit;
        var keepers = page.Take(limit).Select((reference, i) => Keeper(reference, go[i])).ToList();
        var fate = Together(copies);
        var released = copies.FirstOrDefault(copy => copy.Fate is Fate.Gone or Fate.Leaving)?.Known;
        var departure = fate is Fate.Gone or Fate.Leaving && released?.Package is { } last ? await departures.Of(tenant, last, cancellation) : null;
        var notBefore = fate == Fate.Kept ? NotBefore(keepers.Where(keeper => !keeper.Goes)) : null;
        return new Explanation(
            address.ToString(), ExplainedKind.Content, fate, Conclude(fate, keepers, more || after is not null, allHeld, released, departure), head,
            notBefore, null, null, content, keepers, more ? page[limit - 1].Position : null, Steps(fate, keepers, allHeld, notBefore), copies, departure);
    }

    private async Task<long> Head(CancellationToken cancellation) => (await views.Status(cancellation)).Head;

    private async Task<Explanation> Explain(PackageView package, FileView? file, long head, CancellationToken cancellation)
    {
        var departure = await departures.Of(package, cancellation);
        var fate = package.Status switch
        {
            PackageStatus.GarbageCollected => Fate.Gone,
            PackageStatus.Collecting => await fates.Finishes(package, cancellation) ? Fate.Leaving : Fate.Kept,
            _ => await fates.Starts(package, cancellation) ? Fate.Collectable : Fate.Kept,
        };
        var keepers = new List<ExplainedKeeper>();
        if (fate == Fate.Kept && departure is null && package.Eligible is null)
            keepers.Add(new(ExplainedKeeper.OfRetention, Goes: false, package.ExpiresAt));
        if (fate == Fate.Kept)
        {
            var holds = await views.HoldsOn(package, MaxHolds, cancellation);
            keepers.AddRange(holds.Where(hold => departure is null || hold.Kind == HoldKind.Everything)
                .Select(hold => new ExplainedKeeper(ExplainedKeeper.OfHold, Goes: false, hold.Until, Hold: hold)));
        }
        return new(
            file is null ? package.Id.ToString() : file.Id.ToString(), file is null ? ExplainedKind.Package : ExplainedKind.File, fate,
            Conclude(fate, package, file, keepers, departure), head, NotBefore(keepers), package, file, null, keepers, null, Steps(package, fate, keepers), [],
            departure);
    }

    /// <summary>What is over says nothing: a sweep has yet to come by.</summary>
    private DateTimeOffset? NotBefore(IEnumerable<ExplainedKeeper> keepers) =>
        keepers.Max(keeper => keeper.NotBefore) is { } last && last > time.GetUtcNow() ? last : null;

    private static ExplainedKeeper Keeper(KeepingReference reference, bool goes) => reference switch
    {
        { Hold: { } hold } => new(ExplainedKeeper.OfHold, goes, hold.Until, reference.Backend, Hold: hold),
        { File: not null } => new(ExplainedKeeper.OfFile, goes, Expiry(reference), reference.Backend, reference.Package, reference.File, reference.Path),
        _ => new(ExplainedKeeper.OfManifest, goes, Expiry(reference), reference.Backend, reference.Package),
    };

    private static DateTimeOffset? Expiry(KeepingReference reference) =>
        reference.Package is { IsEligible: false } package ? package.ExpiresAt : null;

    private static Fate Together(IReadOnlyList<ExplainedCopy> copies)
    {
        ReadOnlySpan<Fate> order = [Fate.Kept, Fate.Stranded, Fate.Collectable, Fate.Leaving];
        foreach (var fate in order)
        {
            if (copies.Any(copy => copy.Fate == fate)) return fate;
        }
        return Fate.Gone;
    }

    private static List<ExplainedStep> Steps(PackageView package, Fate fate, List<ExplainedKeeper> keepers)
    {
        var steps = new List<ExplainedStep>();
        if (fate == Fate.Gone) return steps;
        steps.AddRange(keepers.Select(keeper => keeper.Hold).OfType<HoldView>().Select(ExplainedStep.Release));
        if (keepers.Exists(keeper => keeper.Kind == ExplainedKeeper.OfRetention))
        {
            if (package.ExpiresAt is not { } expiry) return [.. steps, ExplainedStep.Never];
            steps.Add(ExplainedStep.Expiry(expiry));
            steps.Add(ExplainedStep.Sweep);
        }
        return [.. steps, ExplainedStep.Collection];
    }

    private static List<ExplainedStep> Steps(Fate fate, List<ExplainedKeeper> keepers, bool allHeld, DateTimeOffset? notBefore)
    {
        if (fate is Fate.Gone or Fate.Stranded) return [];
        var steps = new List<ExplainedStep>();
        if (allHeld) steps.Add(new("release", null, "every hold on everything is released"));
        steps.AddRange(keepers.Select(keeper => keeper.Hold).OfType<HoldView>().Select(ExplainedStep.Release));
        if (keepers.Exists(keeper => keeper is { Goes: false, Package: not null }))
            steps.Add(new("references", notBefore, "every package that refers to it is let go: see explain of each"));
        return [.. steps, ExplainedStep.Collection];
    }

    private string Conclude(Fate fate, PackageView package, FileView? file, List<ExplainedKeeper> keepers, Departure? departure)
    {
        var it = file is null ? "this package" : $"the package of this file ({file.Path})";
        var holds = keepers.Count(keeper => keeper.Hold is not null);
        return fate switch
        {
            Fate.Gone => $"{Capital(it)} was deleted{At(departure?.EndedAt)}{By(departure)}.",
            Fate.Leaving => $"{Capital(it)} is being deleted since {Text(departure?.StartedAt)}{By(departure)}; the next collection goes on.",
            Fate.Collectable => $"Nothing keeps {it}: the next collection removes it.",
            _ when departure is not null => $"{Capital(it)} is being deleted, but a hold on everything stops that.",
            _ when holds > 0 => $"{Count(holds, MaxHolds, "hold keeps", "holds keep")} {it}.",
            _ when package.ExpiresAt is null => $"{Capital(it)} never expires.",
            _ when package.ExpiresAt > time.GetUtcNow() => $"{Capital(it)} is kept until {Text(package.ExpiresAt)}.",
            _ => $"{Capital(it)} expired at {Text(package.ExpiresAt)} and waits for the next sweep.",
        };
    }

    private static string Conclude(
        Fate fate, List<ExplainedKeeper> keepers, bool more, bool allHeld, KnownLocation? released, Departure? departure)
    {
        var staying = keepers.Where(keeper => !keeper.Goes).ToList();
        return fate switch
        {
            Fate.Gone => released is null
                ? "No copy of this content was ever in place."
                : $"The last copy of this content was deleted at {Text(released.ChangedAt)} ({released.Reason}){By(departure)}.",
            Fate.Leaving => $"The last copy of this content was condemned{At(released?.ChangedAt)} ({released?.Reason}); the next collection deletes it.",
            Fate.Collectable => "Nothing keeps this content: the next collection deletes its bytes.",
            Fate.Stranded => "Nothing refers to this content, and no list of the collector's names it: its bytes stay until a check finds them.",
            _ when allHeld => "A hold on everything keeps this content.",
            _ when more => $"{staying.Count} of the {keepers.Count} references on this page keep this content; there are more.",
            _ => $"{Count(staying.Count, int.MaxValue, "reference keeps", "references keep")} this content.",
        };
    }

    private static string By(Departure? departure) => departure is null
        ? ""
        : (departure.Rule switch
        {
            EligibilityCause.Expired => ", because it had expired",
            EligibilityCause.Requested => $", because somebody asked for it: {departure.Reason}",
            _ => "",
        }) + (departure.Plan is { } plan ? $" (plan {plan})" : "");

    private static string Count(int number, int most, string one, string many) =>
        number >= most ? $"{most} {many}" : $"{(number == 1 ? "One" : number.ToString(CultureInfo.InvariantCulture))} {(number == 1 ? one : many)}";

    private static string At(DateTimeOffset? at) => at is null ? "" : $" at {Text(at)}";

    private static string Text(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "an unknown time";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
