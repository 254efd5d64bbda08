using System.Text.Json.Nodes;
using ArtifactStore.Cli;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Client.Tests;

/// <summary>How explanations are told. What is in them is the store's business.</summary>
public sealed class ExplainTests
{
    private const string Id = "01890000-0000-7000-8000-000000000001";
    private const string Address = "blake3:0000000000000000000000000000000000000000000000000000000000000000";
    private const string Package =
        $$$"""{"id":"{{{Id}}}","name":"n\u001b","producer":"ci","subject":"s","retention_class":"transient","status":"created","expires_at":"2030-01-02T03:04:05Z","eligible_for_deletion":false}""";

    private const string Kept =
        $$$"""
        {"subject":"{{{Address}}}","kind":"content","fate":"kept","nothing_keeps_it":false,"conclusion":"2 references keep this content.",
         "as_of_sequence":9,"not_before":"2030-01-02T03:04:05Z","package":null,"relative_path":null,"content_address":"{{{Address}}}","size":2048,
         "keepers":[
           {"kind":"hold","goes":false,"not_before":null,"backend_id":null,"package":null,"file_id":null,"relative_path":null,
            "hold":{"hold_id":"h1","kind":"content","covers":"{{{Address}}}","reason":"case 7","owner":"legal","applied_at":"2026-01-01T00:00:00Z","until":null}},
           {"kind":"file","goes":true,"not_before":null,"backend_id":"local","package":{{{Package}}},"file_id":"{{{Id}}}","relative_path":"a/b","hold":null}],
         "next_cursor":"more","steps":[{"kind":"release","not_before":null,"text":"hold h1 is released"},{"kind":"collection","not_before":null,"text":"a collection removes it"}],
         "copies":[{"backend_id":"local","generation":1,"state":"live","fate":"kept","changed_at":"2026-01-01T00:00:00Z","reason":null,"released_by_package":null,"released_by_path":null}],
         "departure":null}
        """;

    private const string Gone =
        $$$"""
        {"subject":"{{{Id}}}","kind":"package","fate":"gone","nothing_keeps_it":false,"conclusion":"This package was deleted at 2026-02-01T00:00:00Z.",
         "as_of_sequence":9,"not_before":null,"package":{{{Package}}},"relative_path":null,"content_address":null,"size":7,"keepers":[],"next_cursor":null,
         "steps":[],"copies":[],"departure":{"package_id":"{{{Id}}}","rule":"requested","reason":"room","eligible_since":"2026-01-30T00:00:00Z",
         "started_at":"2026-01-31T00:00:00Z","started_by":"system","plan":"p7","ended_at":"2026-02-01T00:00:00Z"}}
        """;

    [Fact]
    public async Task An_explanation_is_a_sentence_and_short_lines()
    {
        await using var fixture = await Answering(Kept);
        var ran = await fixture.Run("explain", Address);
        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        Assert.Equal(
            $"""
            2 references keep this content.
              content     {Address}  2.0 KiB
              kept by     hold h1 on content {Address}: case 7 (legal)
              goes next   file a/b of package {Id} n\u001b
              and by more; see --limit
            Before it goes:
              1. hold h1 is released
              2. a collection removes it
            Copies:
              local, generation 1: live since 2026-01-01 00:00:00Z

            """,
            ran.Out);
        var document = JsonNode.Parse((await fixture.Run("explain", Address, "--json")).Out)!;
        Assert.Equal(JsonNode.Parse(Kept)!.AsObject().Select(field => field.Key), document.AsObject().Select(field => field.Key));
        Assert.Equal("case 7", (string)document["keepers"]![0]!["hold"]!["reason"]!);
    }

    [Fact]
    public async Task What_is_gone_says_how_it_went()
    {
        await using var fixture = await Answering(Gone);
        var ran = await fixture.Run("explain", Id);
        Assert.Equal(
            $"""
            This package was deleted at 2026-02-01T00:00:00Z.
              package     {Id}  transient  ci  s  n\u001b
            How package {Id} went:
              2026-01-30 00:00:00Z  marked: requested, room
              2026-01-31 00:00:00Z  collection began, by plan p7
              2026-02-01 00:00:00Z  nothing was left

            """,
            ran.Out);
    }

    [Fact]
    public async Task Room_is_found_or_the_most_there_is_is_said()
    {
        var asked = "";
        await using var fixture = await Answering(
            $$$"""
            {"wanted_bytes":10000000000,"freed_bytes":5300,"enough":false,"conclusion":"At most 5300 bytes.","as_of_sequence":9,"examined_packages":3,
             "held_packages":1,"complete":true,"package_count":0,"packages":[]}
            """,
            http => asked = http.Request.QueryString.Value!);
        var ran = await fixture.Run("explain", "--free", "10GB");
        Assert.Equal((ExitCode.Failed, "?free=10000000000"), (ran.ExitCode, asked));
        Assert.Equal("At most 5.2 KiB can be freed, and 9.3 GiB are wanted.\n  holds keep 1 package\n", ran.Out);
    }

    private static async Task<Fixture> Answering(string body, Action<HttpContext>? look = null)
    {
        var fixture = await Fixture.Start();
        fixture.Store.Interfere = async http =>
        {
            look?.Invoke(http);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(body);
            return true;
        };
        return fixture;
    }
}
