using System.Collections.Frozen;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Interfaces.Events;

/// <summary>
/// Facts to bytes and back. Invariant: for every event, Decode(Encode(e)) equals e, and the bytes of a version never change (golden files
/// in
/// <c>tests/Interfaces.Tests/Events/golden</c>). A reader ignores fields it does not know; a type it does not know decodes to null.
/// </summary>
public static class EventCodec
{
    public static IReadOnlyList<EventFormat> Formats { get; } =
    [
        PackageFormats.Created,
        PackageFormats.DefaultApplied,
        PackageFormats.FileIngested,
        PackageFormats.Finalized,
        PackageFormats.CollectionStarted,
        PackageFormats.Collected,
        LocationFormats.Settled,
        LocationFormats.Condemned,
        LocationFormats.Failed,
        LocationFormats.Verified,
        LocationFormats.Repaired,
        LocationFormats.Deleted,
        LocationFormats.Moved,
        DefinitionFormats.ClassDefined,
        DefinitionFormats.SchemaRegistered,
        RetentionFormats.Extended,
        RetentionFormats.HoldApplied,
        RetentionFormats.HoldReleased,
        RetentionFormats.Eligible,
        PlanFormats.Listed,
        PlanFormats.Made,
        PlanFormats.Started,
        PlanFormats.Ended,
    ];

    private static readonly FrozenDictionary<Type, EventFormat> ByType = Formats.ToFrozenDictionary(format => format.Type);
    private static readonly FrozenDictionary<string, EventFormat> ByName = Formats.ToFrozenDictionary(format => format.Name);

    /// <summary>The frozen name, such as <c>v1.package.created</c>.</summary>
    public static string NameOf(StoreEvent body) => FormatOf(body).Name;

    public static string NameOf<T>() where T : StoreEvent => ByType[typeof(T)].Name;

    public static byte[] Encode(StoreEvent body) => FormatOf(body).Write(body);

    /// <summary>Null when the type is of a later version of the store.</summary>
    /// <exception cref="FormatException">The payload is not one of ours: broken storage.</exception>
    public static StoreEvent? Decode(string type, ReadOnlyMemory<byte> payload) =>
        ByName.TryGetValue(type, out var format) ? format.Read(CborMapReader.Parse(payload)) : null;

    public static bool Knows(string type) => ByName.ContainsKey(type);

    private static EventFormat FormatOf(StoreEvent body) =>
        ByType.TryGetValue(body.GetType(), out var format)
            ? format
            : throw new InvalidOperationException($"{body.GetType().Name} has no format; every event needs one in {nameof(EventCodec)}");
}
