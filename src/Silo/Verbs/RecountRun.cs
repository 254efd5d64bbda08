using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using RecountDrift = ArtifactStore.Client.RecountDrift;
using RecountPage = ArtifactStore.Client.RecountPage;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Compares the numbers that the store shows with its rows; a drift is an error, and nothing repairs it behind anybody's back.</summary>
internal sealed class RecountRun(Session session, Func<StoreSettings> settings) : StorageRun<RecountPage>(session, settings, "artifactstore recount")
{
    private readonly List<RecountDrift> _drifts = [];
    private long _packages;
    private long _contents;

    protected override bool IsGood => _drifts.Count == 0;

    protected override Task<RecountPage> OnServer(ArtifactStoreClient store, string? after, CancellationToken cancellation) =>
        store.RecountAsync(after, cancellation);

    protected override async Task<RecountPage> Here(StoreComposition store, string? after, CancellationToken cancellation)
    {
        var place = after is null
            ? default(RecountPlace?)
            : RecountPlace.Read(after) ?? throw new CliFailureException(ExitCode.Usage, "--after is a key that a run which was stopped printed");
        var page = await store.Maintenance.Recount(place, cancellation);
        return new(
            page.Next?.ToString(), page.Packages, page.Contents,
            [.. page.Drifts.Select(drift => new RecountDrift(drift.What, drift.Of, drift.Shown, drift.Counted))]);
    }

    protected override string? Count(RecountPage page)
    {
        _packages += page.Packages;
        _contents += page.Contents;
        _drifts.AddRange(page.Drifts);
        foreach (var drift in page.Drifts)
            Session.Host.Error.WriteLine($"{drift.What} of {Sentence.Printable(drift.Of)}: shown {drift.Shown}, counted {drift.Counted}");
        return page.Next;
    }

    protected override string Progress(double seconds) =>
        $"counted {Sentence.Count(_packages, "package")}, {Sentence.Count(_contents, "content")}, {Sentence.Count(_drifts.Count, "drift")}";

    protected override void Tell(string? next)
    {
        var verdict = IsGood
            ? "every number is what its rows say"
            : $"{Sentence.Count(_drifts.Count, "number")} WRONG; artifactstore replay makes the views anew";
        Session.Say($"counted {Sentence.Count(_packages, "package")} and {Sentence.Count(_contents, "content")}: {verdict}");
        Session.Document(new RecountAnswer(next, _packages, _contents, _drifts), SiloJson.Default.RecountAnswer);
    }
}
