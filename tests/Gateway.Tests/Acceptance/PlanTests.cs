using System.Net;
using System.Text.Json;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Row R16: what would go is written down, and running that deletes it and nothing else.</summary>
public sealed class PlanTests : IAsyncLifetime
{
    private RealStore _store = null!;

    private HttpClient Client => _store.Client;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start(authorizer: new TwoTenants());

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task R16_a_plan_says_what_would_go_and_what_comes_back_and_changes_nothing()
    {
        var kept = await Filled(("shared", [2, 2]));
        var first = await Doomed(("a", [1]), ("again", [1]), ("b", [2, 2]));
        var second = await Doomed(("a", [1]), ("c", [3, 3, 3]));
        var objects = _store.Objects().Count();
        var events = await Events();

        var plan = await Plan();
        Assert.Equal((2, 5, 8), (plan.Number("packages"), plan.Number("files"), plan.Number("bytes")));
        // One byte that both have, and three that one has; the other two are somebody else's too.
        Assert.Equal(4, plan.Number("freed_bytes"));
        Assert.Equal(("made", "owner"), (plan.Text("status"), plan.Text("made_by")));
        // The last event before it was made is the one that lists its packages.
        Assert.Equal(events.Count + 1, plan.Number("position"));
        Assert.True(plan.GetProperty("valid_until").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddHours(23));
        var page = await Client.GetAsync($"/retention/plans/{Id(plan)}/packages?limit=1").Json();
        var rest = await Client.GetAsync($"/retention/plans/{Id(plan)}/packages?limit=1&cursor={page.Text("next_cursor")}").Json();
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next_cursor").ValueKind);
        Assert.Equal([first, second], page.Items().Concat(rest.Items()).Select(item => item.Text("package_id")));
        var item = page.Items().Single();
        Assert.Equal(
            ("requested", "over", 3, 4, 6), (item.Text("eligible_cause"), item.Text("eligible_reason"), item.Number("file_count"),
            item.Number("total_bytes"), item.Number("version")));

        Assert.Equal(["v1.retention.plan_listed", "v1.retention.plan_made"], (await Events())[events.Count..]);
        Assert.Equal(objects, _store.Objects().Count());
        Assert.All(new[] { first, second, kept }, id => Assert.Equal("created", Status(id).Result));
        Assert.Equal(plan.GetRawText(), (await Client.GetAsync($"/retention/plans/{Id(plan)}").Json()).GetRawText());
    }

    [Fact]
    public async Task R16_the_run_of_a_plan_deletes_what_it_lists_and_nothing_else()
    {
        var kept = await Filled(("shared", [2, 2]));
        var first = await Doomed(("a", [1]), ("b", [2, 2]));
        var second = await Doomed(("a", [1]), ("c", [3, 3, 3]));
        var plan = await Plan();
        var later = await Doomed(("later", [4]));

        var said = await Run(plan);
        Assert.Equal((2, 2, 0), (said.Number("started"), said.Number("collected"), said.GetProperty("skipped").GetArrayLength()));
        Assert.Equal(plan.Number("freed_bytes"), said.Number("freed_bytes"));
        Assert.Equal((Id(plan), false), (said.Text("plan_id"), said.GetProperty("more").GetBoolean()));
        Assert.Equal("garbage_collected", await Status(first));
        Assert.Equal("garbage_collected", await Status(second));
        Assert.Equal("created", await Status(later));
        Assert.Equal("created", await Status(kept));
        var history = (await Client.GetAsync($"/packages/{first}/retention/history").Json()).Items();
        Assert.Contains(Id(plan), history.Single(line => line.Text("event_type") == "v1.package.collection_started").GetRawText());
        var ended = await Client.GetAsync($"/retention/plans/{Id(plan)}").Json();
        Assert.Equal(("ended", 2, 0), (ended.Text("status"), ended.Number("started"), ended.Number("skipped")));
        Assert.Equal(2, _store.Objects().Count());
        Assert.True((await Client.PostAsync("/maintenance/replay", null).Json()).GetProperty("identical").GetBoolean());
        Assert.Equal(ended.GetRawText(), (await Client.GetAsync($"/retention/plans/{Id(plan)}").Json()).GetRawText());
    }

    [Fact]
    public async Task R16_what_has_changed_since_is_skipped_and_named_with_its_reason()
    {
        var gone = await Doomed(("gone", [9]));
        var earlier = await Plan();
        var held = await Doomed(("a", [1]));
        var extended = await Doomed(("b", [2]));
        var changed = await Doomed(("c", [3]));
        var covered = await Doomed("under/litigation", ("d", [4]));
        var same = await Doomed(("e", [5]));
        var plan = await Plan();
        Assert.Equal(6, plan.Number("packages"));
        await Run(earlier);
        await Client.PostJson($"/packages/{held}/retention/holds", """{"reason":"case"}""").Json(HttpStatusCode.Created);
        await Client.PostJson("/holds", """{"kind":"producer","covers":"under","reason":"case"}""").Json(HttpStatusCode.Created);
        var until = DateTimeOffset.UtcNow.AddDays(9).ToString("O");
        await Client.PostJson($"/packages/{extended}/retention/extensions", $$"""{"new_expires_at":"{{until}}","reason":"audit"}""").Json();
        await Client.PutFile(changed, "late", [7]).Json(HttpStatusCode.Created);

        var said = await Run(plan);
        var skipped = said.GetProperty("skipped").EnumerateArray().ToDictionary(item => item.Text("package_id"), item => item.Text("reason"));
        Assert.Equal(
            new Dictionary<string, string>
            {
                [gone] = "it is gone already, or another run deletes it",
                [held] = "a hold keeps it",
                [extended] = "it is kept longer now",
                [changed] = "it has changed since the plan",
                [covered] = "a hold keeps it",
            },
            skipped);
        Assert.Equal((1, 2), (said.Number("started"), said.Number("held")));
        Assert.Equal("garbage_collected", await Status(same));
        Assert.All(new[] { held, extended, changed, covered }, id => Assert.Equal("created", Status(id).Result));
        var ended = await Client.GetAsync($"/retention/plans/{Id(plan)}").Json();
        Assert.Equal((1, 5), (ended.Number("started"), ended.Number("skipped")));
    }

    [Fact]
    public async Task R16_what_a_hold_keeps_is_in_no_plan()
    {
        var held = await Doomed("under/litigation", ("a", [1]));
        await Client.PostJson("/holds", """{"kind":"producer","covers":"under","reason":"case"}""").Json(HttpStatusCode.Created);
        Assert.Equal(0, (await Plan()).Number("packages"));
        await Doomed(("b", [1]));
        var plan = await Plan();
        // The bytes are those of the held one as well.
        Assert.Equal((1, 0), (plan.Number("packages"), plan.Number("freed_bytes")));
        await Client.PostJson("/holds", """{"kind":"everything","reason":"case"}""").Json(HttpStatusCode.Created);
        Assert.Equal(0, (await Plan()).Number("packages"));
        Assert.Equal("a hold keeps it", (await Run(plan)).GetProperty("skipped").EnumerateArray().Single().Text("reason"));
        Assert.Equal("created", await Status(held));
    }

    [Fact]
    public async Task R16_a_plan_that_is_unknown_foreign_or_run_already_is_refused_and_nothing_changes()
    {
        var package = await Doomed(("a", [1]));
        var plan = await Plan();
        var events = (await Events()).Count;
        using var stranger = _store.Server.ClientWith("stranger");
        await stranger.PostAsync(RunOf(plan), null).Problem("plan_unknown");
        await stranger.GetAsync($"/retention/plans/{Id(plan)}").Problem("plan_unknown");
        await stranger.GetAsync($"/retention/plans/{Id(plan)}/packages").Problem("plan_unknown");
        Assert.Empty((await stranger.GetAsync("/retention/plans").Json()).Items());
        await Client.PostAsync($"/retention/collections?plan={Guid.NewGuid()}", null).Problem("plan_unknown");
        await Client.PostAsync("/retention/collections?plan=mine", null).Problem("plan_unknown");
        await Client.GetAsync("/retention/plans/mine").Problem("plan_unknown");
        await Client.GetAsync($"/retention/plans/{Guid.NewGuid()}/packages").Problem("plan_unknown");
        // Without its id it would be a run of everything.
        await Client.PostAsync("/retention/collections?plan=", null).Problem("request_malformed");
        await Client.PostAsync($"{RunOf(plan)}&plan={Guid.NewGuid()}", null).Problem("request_malformed");
        await Client.PostAsync("/retention/collections?after=x", null).Problem("request_malformed");
        await Client.PostAsync($"{RunOf(plan)}&after=x", null).Problem("cursor_invalid");
        await Client.PostAsync($"{RunOf(plan)}&seconds=0", null).Problem("request_malformed");
        await Client.GetAsync("/retention/plans?cursor=x").Problem("cursor_invalid");
        await Client.GetAsync("/retention/plans?limit=0").Problem("request_malformed");
        await Client.GetAsync($"/retention/plans/{Id(plan)}/packages?cursor=x").Problem("cursor_invalid");
        Assert.Equal(events, (await Events()).Count);
        Assert.Equal("created", await Status(package));

        await Run(plan);
        events = (await Events()).Count;
        await Client.PostAsync(RunOf(plan), null).Problem("plan_already_run");
        Assert.Equal(events, (await Events()).Count);
    }

    [Fact]
    public async Task R16_a_plan_that_has_expired_is_refused_and_nothing_changes()
    {
        await using var store = await RealStore.Start(planValidity: TimeSpan.Zero);
        var package = await store.Client.CreatePackage();
        await store.Client.DeleteAsync($"/packages/{package}?reason=over").Json(HttpStatusCode.Accepted);
        var plan = await store.Client.PostAsync("/retention/plans", null).Json(HttpStatusCode.Created);
        await store.Client.PostAsync(RunOf(plan), null).Problem("plan_expired");
        Assert.Equal("made", (await store.Client.GetAsync($"/retention/plans/{Id(plan)}").Json()).Text("status"));
        Assert.Equal("created", (await store.Client.GetAsync($"/packages/{package}").Json()).Text("status"));
    }

    [Fact]
    public async Task R16_a_run_that_was_cut_short_goes_on_and_a_repeat_from_the_beginning_does_no_harm()
    {
        for (var i = 0; i < 3; i++) await Doomed(("a", [(byte)i]));
        var held = await Doomed(("a", [1]));
        var plan = await Plan();
        await Client.PostJson($"/packages/{held}/retention/holds", """{"reason":"case"}""").Json(HttpStatusCode.Created);
        var deletion = new LocationDeletion(
            _store.Database.Collection, _store.Grains, _store.Blobs, new RandomIds(), TimeProvider.System, NullLogger<LocationDeletion>.Instance);
        var collector = new Collector(_store.Database.Collection, _store.Grains, _store.Blobs, deletion, new RandomIds(), TimeProvider.System);
        var time = new Alarm();
        var runner = new PlanRunner(_store.Database.Plans, new Interrupting(_store.Grains, time), collector, new RandomIds(), time);
        var owner = new Principal(TenantId.Default, "owner", Anonymous: false);

        var cut = (await runner.Run(owner, PlanId.Parse(Id(plan), null), 0, TimeSpan.FromSeconds(10))).Value!;
        Assert.True(cut.Collection.More);
        Assert.Equal((3, 0), (cut.Collection.Started, cut.Collection.Collected));
        Assert.Equal("running", (await Client.GetAsync($"/retention/plans/{Id(plan)}").Json()).Text("status"));

        var said = await Run(plan);
        Assert.Equal((0, 3, 1), (said.Number("started"), said.Number("collected"), said.GetProperty("skipped").GetArrayLength()));
        var ended = await Client.GetAsync($"/retention/plans/{Id(plan)}").Json();
        Assert.Equal(("ended", 3, 1), (ended.Text("status"), ended.Number("started"), ended.Number("skipped")));
    }

    [Fact]
    public async Task R16_plans_are_listed_newest_first_in_pages()
    {
        var plans = new List<string>();
        for (var i = 0; i < 3; i++) plans.Add(Id(await Plan()));
        var page = await Client.GetAsync("/retention/plans?limit=2").Json();
        var rest = await Client.GetAsync($"/retention/plans?limit=2&cursor={page.Text("next_cursor")}").Json();
        Assert.Equal(plans.AsEnumerable().Reverse(), page.Items().Concat(rest.Items()).Select(Id));
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next_cursor").ValueKind);
    }

    private Task<JsonElement> Plan() => Client.PostAsync("/retention/plans", null).Json(HttpStatusCode.Created);

    private Task<JsonElement> Run(JsonElement plan) => Client.PostAsync(RunOf(plan), null).Json();

    private static string RunOf(JsonElement plan) => $"/retention/collections?plan={Id(plan)}";

    private static string Id(JsonElement plan) => plan.Text("plan_id");

    private async Task<string> Status(string package) => (await Client.GetAsync($"/packages/{package}").Json()).Text("status");

    private Task<string> Doomed(params (string Path, byte[] Bytes)[] files) => Doomed("ci", files);

    private async Task<string> Doomed(string producer, params (string Path, byte[] Bytes)[] files)
    {
        var package = await Filled(producer, files);
        await Client.DeleteAsync($"/packages/{package}?reason=over").Json(HttpStatusCode.Accepted);
        return package;
    }

    private Task<string> Filled(params (string Path, byte[] Bytes)[] files) => Filled("ci", files);

    private async Task<string> Filled(string producer, (string Path, byte[] Bytes)[] files)
    {
        var package = await Client.CreatePackage(producer: producer);
        foreach (var (path, bytes) in files) await Client.PutFile(package, path, bytes).Json(HttpStatusCode.Created);
        return package;
    }

    private async Task<List<string>> Events()
    {
        var page = await Client.Get("/events?limit=1000", headers => headers.Accept.ParseAdd("application/json")).Json();
        return [.. page.Items().Select(line => line.Text("event_type"))];
    }

    /// <summary>The time is over with the first package.</summary>
    private sealed class Interrupting(IGrains real, Alarm time) : IGrains
    {
        public async Task<TResult> Call<TGrain, TResult>(string key, Func<TGrain, Task<TResult>> call) where TGrain : class, IGrain
        {
            var answer = await real.Call(key, call);
            if (typeof(TGrain) == typeof(IPackageGrain)) time.Ring();
            return answer;
        }

        public Task Call<TGrain>(string key, Func<TGrain, Task> call) where TGrain : class, IGrain => real.Call(key, call);
    }

    private sealed class Alarm : TimeProvider
    {
        private Action? _ring;

        public void Ring() => _ring?.Invoke();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ring = () => callback(state);
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class TwoTenants : IAuthorizer
    {
        public Outcome<Principal> Authenticate(string? authorizationHeader) => authorizationHeader == $"Bearer {GatewayServer.Token}"
            ? new Principal(TenantId.Default, "owner", Anonymous: false)
            : new Principal(new("other"), "stranger", Anonymous: false);

        public Outcome<Principal> Authorize(Principal principal, StoreAction action, Resource resource) => principal;
    }
}

file static class Numbers
{
    public static int Number(this JsonElement element, string field) => element.GetProperty(field).GetInt32();
}
