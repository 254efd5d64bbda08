using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Reads a backend again and tells what is wrong.</summary>
internal sealed class StorageVerification(Session session, Func<StoreSettings> settings, string backend, int jobs)
    : StorageRun<VerificationPage>(session, settings, $"artifactstore storage verify --backend {backend} --jobs {jobs}")
{
    private readonly List<VerificationFault> _faults = [];
    private long _locations;
    private long _bytes;
    private long _verified;
    private long _repaired;

    protected override bool IsGood => _faults.Count == 0;

    protected override Task<VerificationPage> OnServer(ArtifactStoreClient store, string? after, CancellationToken cancellation) =>
        store.VerifyAsync(backend, KeyOf(after), jobs, cancellation);

    protected override async Task<VerificationPage> Here(StoreComposition store, string? after, CancellationToken cancellation)
    {
        if (store.Blobs.All.All(known => known.Id.Value != backend))
            throw new CliFailureException(ExitCode.NotFound, $"there is no storage backend '{backend}'");
        var page = await store.Verifier.Page(new BackendId(backend), KeyOf(after), jobs, cancellation);
        return new(
            page.BackendId, page.Next, page.Locations, page.Bytes, page.Verified, page.Repaired, [.. page.Faults.Select(OnWire)]);
    }

    protected override string? Count(VerificationPage page)
    {
        _locations += page.Locations;
        _bytes += page.Bytes;
        _verified += page.Verified;
        _repaired += page.Repaired;
        _faults.AddRange(page.Faults);
        foreach (var fault in page.Faults) Tell(fault);
        return PlaceOf(page.Next);
    }

    protected override string Progress(double seconds) =>
        $"verified {_verified} of {Sentence.Count(_locations, "object")}, {Sentence.Bytes(_bytes)}, {Sentence.Bytes((long)(_bytes / seconds))}/s";

    protected override void Tell(string? next)
    {
        var verdict = IsGood ? "nothing wrong" : $"{Sentence.Count(_faults.Count, "object")} WRONG";
        Session.Say(
            $"verified {_verified} of {Sentence.Count(_locations, "object")} in {backend}, {Sentence.Bytes(_bytes)}: {verdict}, "
            + $"{_repaired} repaired");
        Session.Document(
            new StorageVerifyAnswer(backend, NextKey(next), _locations, _bytes, _verified, _repaired, _faults), SiloJson.Default.StorageVerifyAnswer);
    }
}
