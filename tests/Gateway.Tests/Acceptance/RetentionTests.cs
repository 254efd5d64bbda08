using System.Net;
using System.Text.Json;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Rows H14 to H16 and R04 to R08: extensions, holds, sweeps, and deleting on request as far as eligibility.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private RealStore _store = null!;

    private HttpClient Client => _store.Client;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task H14_R04_an_extension_goes_later_with_a_reason_or_changes_nothing()
    {
        var package = await Client.CreatePackage(retentionClass: "raw-evidence");
        var present = (await Retention(package)).GetProperty("expires_at").GetDateTimeOffset();
        await Extend(package, present, "equal").Problem("expiry_not_later");
        await Extend(package, present.AddDays(-1), "earlier").Problem("expiry_not_later");
        await Extend(package, present.AddDays(1), "").Problem("reason_missing");
        await Extend(package, present.AddDays(1), " ").Problem("reason_missing");
        await Extend(package, present.AddDays(1), new('x', 1025)).Problem("request_malformed");
        await Client.PostJson($"/packages/{package}/retention/extensions", """{"reason":"r"}""").Problem("request_malformed");
        await Client.PostJson($"/packages/{package}/retention/extensions", """{"new_expires_at":"tomorrow","reason":"r"}""").Problem("request_malformed");
        await Client.PostJson($"/packages/{package}/retention/extensions", """{"new_expires_at":"2099-01-01T00:00:00","reason":"r"}""").Problem("request_malformed");
        await Extend(Guid.NewGuid().ToString(), present.AddDays(1), "r").Problem("package_unknown");
        Assert.Equal(present, (await Retention(package)).GetProperty("expires_at").GetDateTimeOffset());

        var extended = await Extend(package, present.AddDays(1), "the audit takes longer").Json();
        Assert.Equal(present.AddDays(1), extended.GetProperty("expires_at").GetDateTimeOffset());
        Assert.Equal(present.AddDays(1), (await Client.GetAsync($"/packages/{package}").Json()).GetProperty("expires_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task R03_R04_a_permanent_record_is_neither_extended_nor_deleted_on_request()
    {
        var package = await Client.CreatePackage(retentionClass: "permanent-record");
        await Extend(package, DateTimeOffset.UtcNow.AddYears(90), "r").Problem("expiry_not_later");
        await Client.DeleteAsync($"/packages/{package}?reason=r").Problem("package_permanent");
        Assert.Equal((0, 0, 0), await Sweep());
    }

    [Fact]
    public async Task R04_of_extensions_at_once_the_latest_holds()
    {
        var package = await Client.CreatePackage(retentionClass: "raw-evidence");
        var present = (await Retention(package)).GetProperty("expires_at").GetDateTimeOffset();
        await Task.WhenAll(Enumerable.Range(1, 30).Select(async days =>
        {
            using var answer = await Extend(package, present.AddDays(days), $"{days} days");
            Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity });
        }));
        Assert.Equal(present.AddDays(30), (await Retention(package)).GetProperty("expires_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task H15_R05_R06_a_held_package_never_becomes_eligible_and_a_released_one_does()
    {
        var package = await Expired();
        var hold = (await Hold(package, "case 4711").Json(HttpStatusCode.Created)).Text("hold_id");
        Assert.Equal((0, 1, 0), await Sweep());
        Assert.False((await Retention(package)).GetProperty("eligible_for_deletion").GetBoolean());
        Assert.Equal("case 4711", Assert.Single((await Retention(package)).GetProperty("holds").EnumerateArray()).Text("reason"));

        await Client.DeleteAsync($"/packages/{package}/retention/holds/{hold}").Problem("reason_missing");
        await Client.DeleteAsync($"/packages/{package}/retention/holds/{hold}?reason=settled").Nothing();
        await Client.DeleteAsync($"/packages/{package}/retention/holds/{hold}?reason=settled").Problem("hold_unknown");
        Assert.Equal((1, 0, 0), await Sweep());
        var retention = await Retention(package);
        Assert.Equal((true, "expired"), (retention.GetProperty("eligible_for_deletion").GetBoolean(), retention.Text("eligible_cause")));
        Assert.Equal((0, 0, 0), await Sweep());
    }

    [Fact]
    public async Task H16_the_history_tells_what_happened_in_order()
    {
        var package = await Expired();
        var hold = (await Hold(package, "first").Json(HttpStatusCode.Created)).Text("hold_id");
        await Client.DeleteAsync($"/packages/{package}/retention/holds/{hold}?reason=done").Nothing();
        await Extend(package, DateTimeOffset.UtcNow.AddDays(1), "longer").Json();
        await Client.DeleteAsync($"/packages/{package}?reason=mistake").Json(HttpStatusCode.Accepted);
        var types = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Client.GetAsync($"/packages/{package}/retention/history?limit=2{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}").Json();
            types.AddRange(page.Items().Select(item => item.Text("event_type")));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(["default_applied", "hold_applied", "hold_released", "extended", "deletion_eligible"], types.Select(type => type["v1.retention.".Length..]));
        await Client.GetAsync($"/packages/{Guid.NewGuid()}/retention/history").Problem("package_unknown");
    }

    [Fact]
    public async Task R05_bad_holds_are_refused_with_a_sentence_and_change_nothing()
    {
        var package = await Client.CreatePackage();
        var id = Guid.NewGuid();
        await Hold(package, "").Problem("reason_missing");
        await Client.PostJson($"/packages/{package}/retention/holds", """{"reason":"r","until":"2001-01-01T00:00:00Z"}""").Problem("request_malformed");
        await Client.PostJson($"/packages/{package}/retention/holds", """{"reason":"r","hold_id":"mine"}""").Problem("request_malformed");
        await Client.PostJson($"/packages/{package}/retention/holds", """{"reason":"r","hodl_id":"x"}""").Problem("request_malformed");
        await Client.PostJson($"/packages/{package}/retention/holds", $$"""{"reason":"r","hold_id":"{{id}}"}""").Json(HttpStatusCode.Created);
        await Client.PostJson($"/packages/{package}/retention/holds", $$"""{"reason":"again","hold_id":"{{id}}"}""").Problem("hold_exists");
        await Client.PostJson("/holds", $$"""{"kind":"everything","reason":"again","hold_id":"{{id}}"}""").Problem("hold_exists");
        await Client.PostJson("/holds", $$"""{"kind":"package","covers":"{{package}}","reason":"r"}""").Problem("request_malformed");
        await Client.PostJson("/holds", """{"kind":"galaxy","covers":"x","reason":"r"}""").Problem("request_malformed");
        await Client.PostJson("/holds", """{"kind":"everything","covers":"x","reason":"r"}""").Problem("request_malformed");
        await Client.PostJson("/holds", """{"kind":"subject","reason":"r"}""").Problem("request_malformed");
        await Client.PostJson("/holds", """{"kind":"subject","covers":"a/","reason":"r"}""").Problem("request_malformed");
        await Client.PostJson("/holds", """{"kind":"content","covers":"a","reason":"r"}""").Problem("address_invalid");
        await Client.PostJson("/holds", $$"""{"kind":"content","covers":"blake3:{{new string('a', 64)}}","reason":"r"}""").Problem("content_unknown");
        await Client.DeleteAsync($"/holds/{Guid.NewGuid()}?reason=r").Problem("hold_unknown");
        await Client.DeleteAsync("/holds/nothing?reason=r").Problem("hold_unknown");
        var other = await Client.CreatePackage();
        await Client.DeleteAsync($"/packages/{other}/retention/holds/{id}?reason=r").Problem("hold_unknown");
        var stands = Assert.Single((await Client.GetAsync("/holds").Json()).Items());
        Assert.Equal((id.ToString(), "package", package, "r", "tester"), (stands.Text("hold_id"), stands.Text("kind"), stands.Text("covers"), stands.Text("reason"), stands.Text("owner")));
    }

    [Theory]
    [InlineData("subject", "subject", true)]
    [InlineData("producer", "ci", true)]
    [InlineData("producer", "c", false)]
    [InlineData("everything", null, true)]
    public async Task R05_holds_on_more_than_a_package_bind_it_and_are_listed_with_it(string kind, string? covers, bool binds)
    {
        var package = await Expired();
        var body = JsonSerializer.Serialize(new Dictionary<string, string?> { ["kind"] = kind, ["covers"] = covers, ["reason"] = "litigation", ["owner"] = "legal" });
        var hold = (await Client.PostJson("/holds", body).Json(HttpStatusCode.Created)).Text("hold_id");
        Assert.Equal(binds ? (0, 1, 0) : (1, 0, 0), await Sweep());
        var page = await Client.GetAsync($"/packages/{package}/retention/holds").Json();
        Assert.Equal(binds ? [hold] : [], page.Items().Select(item => item.Text("hold_id")));
        if (binds) await Client.DeleteAsync($"/packages/{package}?reason=mistake").Problem("held");
        await Client.DeleteAsync($"/holds/{hold}?reason=settled").Nothing();
        Assert.Equal(binds ? (1, 0, 0) : (0, 0, 0), await Sweep());
        Assert.Empty((await Client.GetAsync("/holds").Json()).Items());
    }

    [Fact]
    public async Task R05_a_hold_on_a_content_names_it_by_either_digest()
    {
        var package = await Client.CreatePackage();
        var file = await Client.PutFile(package, "a", [1, 2, 3]).Json(HttpStatusCode.Created);
        var hold = await Client.PostJson("/holds", $$"""{"kind":"content","covers":"sha256:{{file.Text("digest_sha256")}}","reason":"r"}""").Json(HttpStatusCode.Created);
        Assert.Equal(file.Text("content_address"), hold.Text("covers"));
        await Client.DeleteAsync($"/holds/{hold.Text("hold_id")}?reason=done").Nothing();
    }

    [Fact]
    public async Task R06_a_hold_whose_end_has_come_is_released_by_the_sweep_and_lets_go_at_once()
    {
        var package = await Expired();
        var sweep = new RetentionSweep(_store.Grains, _store.Database.Views, new RandomIds(), new Later(TimeSpan.FromDays(2)));
        var body = $$"""{"reason":"r","until":"{{DateTimeOffset.UtcNow.AddDays(1):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""";
        await Client.PostJson($"/packages/{package}/retention/holds", body).Json(HttpStatusCode.Created);
        await Client.PostJson("/holds", body.Replace("{", "{\"kind\":\"everything\",", StringComparison.Ordinal)).Json(HttpStatusCode.Created);
        Assert.Equal((0, 1, 0), await Sweep());
        Assert.Equal(new SweepReport(1, 0, 2), await sweep.Run());
        var history = await Client.GetAsync($"/packages/{package}/retention/history").Json();
        Assert.Contains(history.Items(), item => item.Text("event_type") == "v1.retention.hold_released"
            && item.GetProperty("payload").Text("reason") == "its end has come" && item.Text("actor") == "system");
    }

    [Fact]
    public async Task R06_two_nodes_that_sweep_at_once_mark_each_package_once()
    {
        for (var i = 0; i < 40; i++) await Expired();
        var (journal, views) = (_store.Database.Journal, _store.Database.Views);
        await using var other = new EmbeddedGrains(
            new GrainFactories().Add<IPackageGrain>(context => new PackageGrain(journal, views, context.Grains)).Add<IHoldGrain>(_ => new HoldGrain(journal, views)),
            TaskScheduler.Default, TimeProvider.System);
        var reports = await Task.WhenAll(
            new RetentionSweep(_store.Grains, views, new RandomIds(), TimeProvider.System).Run(),
            new RetentionSweep(other, views, new RandomIds(), TimeProvider.System).Run());
        Assert.Equal(40, reports.Sum(report => report.Eligible));
        Assert.Equal(40, (await views.Events(0, 1000, ["v1.retention.deletion_eligible"])).Count);
    }

    [Fact]
    public async Task R06_sweeping_again_marks_nothing_and_deletes_nothing()
    {
        var package = await Expired();
        await Client.PutFile(package, "a", [1]).Json(HttpStatusCode.Created);
        Assert.Equal((1, 0, 0), await Sweep());
        Assert.Equal((0, 0, 0), await Sweep());
        Assert.Single(_store.Objects());
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync($"/packages/{package}")).StatusCode);
    }

    [Fact]
    public async Task R08_a_hold_that_comes_after_the_mark_closes_the_gate_again()
    {
        var package = await Expired();
        Assert.Equal((1, 0, 0), await Sweep());
        await Hold(package, "late").Json(HttpStatusCode.Created);
        var view = (await _store.Database.Views.Package(TenantId.Default, PackageId.Parse(package, null)))!;
        Assert.NotNull(view.Eligible);
        Assert.Single(await _store.Database.Views.HoldsOn(view, 10));
    }

    [Fact]
    public async Task R04_R08_deleting_on_request_makes_eligible_through_the_gate_and_an_extension_takes_it_back()
    {
        var package = await Client.CreatePackage();
        await Client.DeleteAsync($"/packages/{package}").Problem("reason_missing");
        var hold = (await Hold(package, "case").Json(HttpStatusCode.Created)).Text("hold_id");
        await Client.DeleteAsync($"/packages/{package}?reason=mistake").Problem("held");
        await Client.DeleteAsync($"/packages/{package}/retention/holds/{hold}?reason=done").Nothing();
        var eligible = await Client.DeleteAsync($"/packages/{package}?reason=mistake").Json(HttpStatusCode.Accepted);
        Assert.Equal(("requested", "mistake"), (eligible.Text("eligible_cause"), eligible.Text("eligible_reason")));
        var again = await Client.DeleteAsync($"/packages/{package}?reason=other").Json(HttpStatusCode.Accepted);
        Assert.Equal(eligible.GetRawText(), again.GetRawText());
        await Client.DeleteAsync($"/packages/{Guid.NewGuid()}?reason=r").Problem("package_unknown");

        await Extend(package, DateTimeOffset.UtcNow.AddDays(9), "it was none").Json();
        Assert.False((await Retention(package)).GetProperty("eligible_for_deletion").GetBoolean());
    }

    /// <summary>A package of a class whose lifetime is nothing.</summary>
    private async Task<string> Expired()
    {
        var defined = await _store.Grains.Call<IRetentionClassGrain, Outcome<RetentionClassView>>(
            $"{TenantId.Default}/fleeting",
            grain => grain.Define(new(new(Guid.NewGuid()), TenantId.Default, "tester", DateTimeOffset.UtcNow, "fleeting", 0, "gone at once")));
        Assert.True(defined.Succeeded);
        return await Client.CreatePackage(retentionClass: "fleeting");
    }

    private Task<JsonElement> Retention(string package) => Client.GetAsync($"/packages/{package}/retention").Json();

    private Task<HttpResponseMessage> Extend(string package, DateTimeOffset expiry, string reason) => Client.PostJson(
        $"/packages/{package}/retention/extensions", JsonSerializer.Serialize(new { new_expires_at = expiry.UtcDateTime.ToString("O"), reason }));

    private Task<HttpResponseMessage> Hold(string package, string reason) =>
        Client.PostJson($"/packages/{package}/retention/holds", JsonSerializer.Serialize(new { reason }));

    private async Task<(int Eligible, int Held, int Released)> Sweep()
    {
        var said = await Client.PostAsync("/retention/sweeps", null).Json();
        return (said.GetProperty("eligible").GetInt32(), said.GetProperty("held").GetInt32(), said.GetProperty("holds_released").GetInt32());
    }

    /// <summary>A node whose clock is this much further.</summary>
    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
