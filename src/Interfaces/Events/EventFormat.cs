using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Interfaces.Events;

/// <summary>The frozen name of one kind of event, and how its fields become canonical CBOR and back.</summary>
public abstract class EventFormat
{
    private protected EventFormat(string name, Type type)
    {
        Name = name;
        Type = type;
    }

    public string Name { get; }

    public Type Type { get; }

    internal abstract byte[] Write(StoreEvent body);

    internal abstract StoreEvent Read(CborMapReader fields);
}

internal sealed class EventFormat<T>(string name, Action<CborMapWriter, T> write, Func<CborMapReader, T> read)
    : EventFormat(name, typeof(T))
    where T : StoreEvent
{
    internal override byte[] Write(StoreEvent body) => CborMapWriter.Encode((T)body, write);

    internal override StoreEvent Read(CborMapReader fields) => read(fields);
}
