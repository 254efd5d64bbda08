using System.Runtime.CompilerServices;
using System.Text.Json;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Events;

namespace ArtifactStore.Interfaces.Tests.Events;

public sealed class EventCodecTests
{
    public static TheoryData<string> Names => [.. EventCodec.Formats.Select(format => format.Name)];

    [Fact]
    public void E03_the_names_are_frozen() => Assert.Equal(
        [
            "v1.package.created",
            "v1.retention.default_applied",
            "v1.file.ingested",
            "v1.package.finalized",
            "v1.package.collection_started",
            "v1.package.garbage_collected",
            "v1.storage.location_settled",
            "v1.storage.location_condemned",
            "v1.storage.location_failed",
            "v1.storage.location_verified",
            "v1.storage.location_repaired",
            "v1.storage.location_deleted",
            "v1.storage.content_moved",
            "v1.retention.class_defined",
            "v1.metadata_schema.registered",
            "v1.retention.extended",
            "v1.retention.hold_applied",
            "v1.retention.hold_released",
            "v1.retention.deletion_eligible",
            "v1.retention.plan_listed",
            "v1.retention.plan_made",
            "v1.retention.plan_started",
            "v1.retention.plan_ended",
        ],
        EventCodec.Formats.Select(format => format.Name));

    [Fact]
    public void Every_event_has_a_format_a_sample_and_golden_files()
    {
        var kinds = typeof(StoreEvent).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(StoreEvent)) && !type.IsAbstract).ToHashSet();
        Assert.NotEmpty(kinds);
        Assert.Equal(kinds, EventCodec.Formats.Select(format => format.Type).ToHashSet());
        Assert.Equal(kinds, Samples.All.Select(sample => sample.GetType()).ToHashSet());
        foreach (var format in EventCodec.Formats)
        {
            var payload = EventCodec.Encode(SampleOf(format.Name));
            var hex = Convert.ToHexStringLower(payload);
            Assert.True(File.Exists(Golden(format.Name, "hex")), $"{format.Name}.hex is missing; a new event has {hex}");
            Assert.True(File.Exists(Golden(format.Name, "json")), $"{format.Name}.json is missing; a new event has {Diagnostic(payload)}");
        }
        Assert.Equal(2 * kinds.Count + Samples.Grown.Count, Directory.GetFiles(Path.GetDirectoryName(Golden("x", "hex"))!).Length);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_bytes_of_a_version_never_change(string name)
    {
        var sample = SampleOf(name);
        var payload = EventCodec.Encode(sample);
        Assert.Equal(File.ReadAllText(Golden(name, "hex")).Trim(), Convert.ToHexStringLower(payload));
        Assert.Equal(File.ReadAllText(Golden(name, "json")).Trim(), Diagnostic(payload));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_was_written_is_read_for_ever(string name)
    {
        var payload = Convert.FromHexString(File.ReadAllText(Golden(name, "hex")).Trim());
        Assert.Equal(SampleOf(name), EventCodec.Decode(name, payload));
    }

    [Fact]
    public void What_a_kind_has_got_since_is_frozen_too()
    {
        foreach (var grown in Samples.Grown)
        {
            var name = EventCodec.NameOf(grown);
            var payload = EventCodec.Encode(grown);
            Assert.Equal(File.ReadAllText(Golden(name, "grown.hex")).Trim(), Convert.ToHexStringLower(payload));
            Assert.Equal(grown, EventCodec.Decode(name, payload));
        }
    }

    [Fact]
    public void Absent_fields_stay_absent()
    {
        foreach (var bare in Samples.Bare)
        {
            var payload = EventCodec.Encode(bare);
            Assert.Equal(bare, EventCodec.Decode(EventCodec.NameOf(bare), payload));
            Assert.DoesNotContain("null", Diagnostic(payload));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_field_of_a_later_program_is_ignored(string name)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(File.ReadAllText(Golden(name, "json")))!;
        fields["zz_later"] = JsonSerializer.SerializeToElement(new { a = 1 });
        Assert.Equal(SampleOf(name), EventCodec.Decode(name, FromJson(fields)));
    }

    [Fact]
    public void A_type_that_is_not_known_is_no_error_and_a_missing_field_is_one()
    {
        Assert.Null(EventCodec.Decode("v9.galaxy.colonized", new byte[] { 0xff }));
        Assert.False(EventCodec.Knows("v9.galaxy.colonized"));
        Assert.True(EventCodec.Knows("v1.file.ingested"));
        Assert.Throws<FormatException>(() => EventCodec.Decode("v1.file.ingested", new byte[] { 0xa0 }));
        Assert.Throws<FormatException>(() => EventCodec.Decode("v1.file.ingested", new byte[] { 0xff }));
    }

    [Fact]
    public void Times_are_whole_microseconds_cut_downwards()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(19);
        Assert.Equal(time.AddTicks(-9), EventTime.Cut(time));
        Assert.Equal(-1, EventTime.ToMicroseconds(DateTimeOffset.UnixEpoch.AddTicks(-1)));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(-10), EventTime.Cut(DateTimeOffset.UnixEpoch.AddTicks(-1)));
    }

    private static StoreEvent SampleOf(string name) => Samples.All.Single(sample => EventCodec.NameOf(sample) == name);

    private static string Diagnostic(byte[] payload) =>
        CanonicalDocument.TryFromCbor(payload, out var document, out var error)
            ? document.ToJson()
            : throw new InvalidOperationException(error);

    private static byte[] FromJson(Dictionary<string, JsonElement> fields) =>
        CanonicalDocument.TryFromJson(JsonSerializer.SerializeToUtf8Bytes(fields), CanonicalLimits.Default, out var document, out var error)
            ? document.Cbor.ToArray()
            : throw new InvalidOperationException(error);

    private static string Golden(string name, string extension, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "golden", $"{name}.{extension}");
}
