using System.Net;

namespace ArtifactStore.Storage.Blobs.S3.Probe;

/// <summary>
/// Preconditions. The store sends "only if absent" with every put and copy, and is right without: only the owner of a key's reservation
/// writes it. On completions and deletions it sends none. So what an endpoint ignores here is worth knowing, and is no failure.
/// </summary>
internal sealed class S3ConditionLines(S3ProbeBench bench)
{
    private const int Racers = 8;

    public (string Name, Func<CancellationToken, Task<S3Verdict>> Ask)[] All =>
    [
        ("put-if-absent", PutIfAbsent), ("put-if-absent-race", PutRace), ("put-if-match", PutIfMatch), ("copy-if-absent", CopyIfAbsent),
        ("complete-if-absent", CompleteIfAbsent), ("delete-if-match", DeleteIfMatch),
    ];

    private async Task<S3Verdict> PutIfAbsent(CancellationToken cancellation)
    {
        var first = await S3ProbeBench.Refusal(() => bench.Put("condition", [1], cancellation, request => request.IfNoneMatch = "*"));
        if (first is not null) return Told(first, "the store puts without it and looks first", "put");
        return Told(
            await S3ProbeBench.Refusal(() => bench.Put("condition", [2, 2], cancellation, request => request.IfNoneMatch = "*")),
            "the store looks before it puts", "put", (await bench.Get("condition", cancellation)).Length == 1);
    }

    private async Task<S3Verdict> PutRace(CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, Racers).Select(number => S3ProbeBench.Refusal(
            () => bench.Put("race", new byte[number], cancellation, request => request.IfNoneMatch = "*"))));
        var won = answers.Count(answer => answer is null);
        return won == 1
            ? S3Verdict.Pass($"of {Racers} at once exactly one wins")
            : S3Verdict.Ignored($"of {Racers} at once {won} win; the store writes a key by its owner only, and one bucket must serve one store");
    }

    private async Task<S3Verdict> PutIfMatch(CancellationToken cancellation)
    {
        await bench.Put("match", [1], cancellation);
        return Told(
            await S3ProbeBench.Refusal(() => bench.Put("match", [2, 2], cancellation, request => request.IfMatch = "\"00000000000000000000000000000000\"")),
            "the store does not send it", "put");
    }

    private async Task<S3Verdict> CopyIfAbsent(CancellationToken cancellation)
    {
        await bench.Put("copy-source", [1], cancellation);
        await bench.Put("copy-target", [2, 2], cancellation);
        return Told(
            await S3ProbeBench.Refusal(() => bench.Copy("copy-source", "copy-target", cancellation, ifNoneMatch: "*")),
            "the store looks before it copies", "copy", (await bench.Get("copy-target", cancellation)).Length == 2);
    }

    private async Task<S3Verdict> CompleteIfAbsent(CancellationToken cancellation)
    {
        await bench.Put("complete", [1], cancellation);
        var upload = await bench.Begin("complete", cancellation);
        var part = await bench.PutPart("complete", upload, 1, [2, 2], cancellation);
        return Told(
            await S3ProbeBench.Refusal(() => bench.Complete("complete", upload, [part], cancellation, ifNoneMatch: "*")),
            "the store completes uploads under names of their own", "completion", (await bench.Get("complete", cancellation)).Length == 1);
    }

    private async Task<S3Verdict> DeleteIfMatch(CancellationToken cancellation)
    {
        await bench.Put("delete-match", [1], cancellation);
        return Told(
            await S3ProbeBench.Refusal(() => bench.Delete("delete-match", cancellation, "\"00000000000000000000000000000000\"")),
            "the store deletes by generation and sends none", "deletion", await bench.IsThere("delete-match", cancellation));
    }

    /// <param name="refusal">What the second of two was answered.</param>
    /// <param name="follows">What the store does where the condition is not heeded.</param>
    /// <param name="what">Which request it was.</param>
    /// <param name="kept">The object that was there is still as it was.</param>
    private static S3Verdict Told(HttpStatusCode? refusal, string follows, string what, bool kept = true) => refusal switch
    {
        HttpStatusCode.PreconditionFailed when kept => S3Verdict.Pass("412"),
        HttpStatusCode.PreconditionFailed => S3Verdict.Fail($"412, and the {what} was done all the same: its answers cannot be believed"),
        null => S3Verdict.Ignored($"the {what} is done all the same; {follows}"),
        { } other => S3Verdict.Ignored($"refused with {(int)other}; {follows}"),
    };
}
