using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>A page ends where it is large enough, and its cursor goes on exactly there.</summary>
public sealed class PageSizeTests : IAsyncLifetime
{
    private const int Packages = 150;

    private readonly string _large = new('x', 60_000);
    private RealStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await RealStore.Start();
        for (var i = 0; i < Packages; i++)
        {
            await _store.Client.CreatePackage($"p{i}", metadata: $$"""{"large": "{{_large}}"}""");
            // Others between them, so that a cursor that runs ahead to the head of the log would pass what it must not pass.
            await _store.Client.CreatePackage($"small{i}", "small");
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Large_packages_come_in_smaller_pages_and_each_comes_once()
    {
        var seen = new List<string>();
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = await _store.Client.GetAsync("/packages?producer=ci&limit=1000" + (cursor is null ? "" : $"&cursor={cursor}")).Json();
            Assert.InRange(page.Items().Count(), 0, 70);
            seen.AddRange(page.Items().Select(item => item.Text("name")));
            cursor = page.GetProperty("next_cursor").GetString();
            pages++;
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, Packages).Reverse().Select(i => $"p{i}"), seen);
        Assert.Equal(3, pages);
    }

    [Theory]
    [InlineData("", 5 + 4 * Packages)]
    [InlineData("&types=v1.package.created", 2 * Packages)]
    public async Task Large_events_come_in_smaller_pages_and_none_is_missed(string types, int expected)
    {
        var seen = new List<long>();
        var (after, head) = ("0", long.MaxValue);
        while (seen.Count < expected && long.Parse(after[(after.IndexOf(':', StringComparison.Ordinal) + 1)..], null) < head)
        {
            var page = await _store.Client.Get($"/events?after={after}&limit=1000{types}", headers => headers.Accept.Add(new("application/json"))).Json();
            Assert.InRange(page.Items().Count(IsLarge), 0, 70);
            seen.AddRange(page.Items().Select(line => line.GetProperty("sequence").GetInt64()));
            (after, head) = (page.Text("next_cursor"), page.GetProperty("head").GetInt64());
        }
        Assert.Equal(expected, seen.Count);
        Assert.Equal(seen.Order().Distinct(), seen);
    }

    private static bool IsLarge(JsonElement line) => line.GetRawText().Length > 50_000;
}
