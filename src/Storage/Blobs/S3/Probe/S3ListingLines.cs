namespace ArtifactStore.Storage.Blobs.S3.Probe;

/// <summary>Listings, as the sweep and the scan for orphans read them: in pages that begin after the last name, never by a token.</summary>
internal sealed class S3ListingLines(S3ProbeBench bench)
{
    /// <summary>In the order of their bytes, which is no language's: signs, digits, capitals, small letters.</summary>
    private static readonly string[] Names = ["list/!", "list/-", "list/0", "list/A", "list/B", "list/_", "list/a", "list/a-", "list/a.b", "list/a0", "list/~"];

    public (string Name, Func<CancellationToken, Task<S3Verdict>> Ask)[] All =>
        [("list-order", Order), ("list-after", After), ("list-fresh", Fresh)];

    private async Task<S3Verdict> Order(CancellationToken cancellation)
    {
        foreach (var name in Names.Reverse()) await bench.Put(name, [1], cancellation);
        var page = await bench.Endpoint.List(bench.Root + "list/", null, 1000, cancellation);
        var listed = (page.S3Objects ?? []).Select(found => found.Key[bench.Root.Length..]);
        return S3Verdict.Of(
            listed.SequenceEqual(Names) && page.IsTruncated != true, "in the order of the bytes",
            "not all names are listed in the order of their bytes: pages would lose some");
    }

    private async Task<S3Verdict> After(CancellationToken cancellation)
    {
        var listed = new List<string>();
        string? last = null;
        for (var pages = 0; pages <= Names.Length; pages++)
        {
            var page = await bench.Endpoint.List(bench.Root + "list/", last, 3, cancellation);
            foreach (var found in page.S3Objects ?? [])
            {
                last = found.Key;
                listed.Add(found.Key[bench.Root.Length..]);
            }
            if (page.IsTruncated == true) continue;
            return S3Verdict.Of(
                listed.SequenceEqual(Names) && pages == 3, "a page begins after any name",
                "pages after a name repeat or lose objects, or do not say that they end");
        }
        return S3Verdict.Fail("pages after a name never end");
    }

    private async Task<S3Verdict> Fresh(CancellationToken cancellation)
    {
        await bench.Put("fresh/one", [1], cancellation);
        var before = await Count("fresh/", cancellation);
        await bench.Delete("fresh/one", cancellation);
        var after = await Count("fresh/", cancellation);
        return S3Verdict.Of((before, after) == (1, 0), "shows every put and deletion at once", "lags behind puts or deletions: a scan would see what is not");
    }

    private async Task<int> Count(string below, CancellationToken cancellation) =>
        (await bench.Endpoint.List(bench.Root + below, null, 10, cancellation)).S3Objects?.Count ?? 0;
}
