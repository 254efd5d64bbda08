using System.Buffers;
using System.Text;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// Writes a canonical map too large to be held: its heads go straight to the output, so counts are given beforehand and keys must
/// come in canonical order. Both promises are checked, always: a manifest that breaks them would have no valid digest.
/// Nothing is buffered here; whoever owns the output (a pipe, a pooled buffer over a stream) decides when to flush.
/// </summary>
public sealed class CanonicalMapStream
{
    private readonly IBufferWriter<byte> _output;
    private byte[] _lastKey = [];
    private bool _started;
    private int _fieldsLeft;
    private long _elementsLeft;

    public CanonicalMapStream(IBufferWriter<byte> output, int fields)
    {
        _output = output;
        _fieldsLeft = fields;
        CborHead.Write(output, CborMajor.Map, (ulong)fields);
    }

    public void Text(string name, string value)
    {
        Key(name);
        CborHead.WriteText(_output, value);
    }

    public void Int64(string name, long value)
    {
        Key(name);
        if (value >= 0)
            CborHead.Write(_output, CborMajor.UnsignedInteger, (ulong)value);
        else
            CborHead.Write(_output, CborMajor.NegativeInteger, (ulong)(-1 - value));
    }

    public void Document(string name, CanonicalDocument value)
    {
        Key(name);
        _output.Write(value.Cbor.Span);
    }

    /// <summary>A value that is canonical already (a <see cref="CborMapWriter"/> makes it so).</summary>
    public void Value(string name, ReadOnlySpan<byte> canonical)
    {
        Key(name);
        _output.Write(canonical);
    }

    /// <summary>Exactly <paramref name="count"/> calls of <see cref="Element"/> must follow.</summary>
    public void StartArray(string name, long count)
    {
        Key(name);
        _elementsLeft = count;
        CborHead.Write(_output, CborMajor.Array, (ulong)count);
    }

    /// <summary>One element of the array, canonical already (a <see cref="CborMapWriter"/> makes it so).</summary>
    public void Element(ReadOnlySpan<byte> canonical)
    {
        if (_elementsLeft == 0)
            throw new InvalidOperationException("More elements than announced.");
        _elementsLeft--;
        _output.Write(canonical);
    }

    public void Complete()
    {
        if (_fieldsLeft != 0 || _elementsLeft != 0)
            throw new InvalidOperationException($"{_fieldsLeft} fields and {_elementsLeft} elements fewer than announced.");
    }

    private void Key(string name)
    {
        if (_elementsLeft != 0)
            throw new InvalidOperationException($"Field \"{name}\" starts while {_elementsLeft} elements are still owed.");
        if (_fieldsLeft == 0)
            throw new InvalidOperationException($"Field \"{name}\" is more than was announced.");
        var key = Encoding.UTF8.GetBytes(name);
        if (_started && CanonicalForm.CompareKeys(key, _lastKey) <= 0)
            throw new InvalidOperationException($"Field \"{name}\" comes out of canonical order.");
        (_lastKey, _started) = (key, true);
        _fieldsLeft--;
        CborHead.WriteText(_output, name);
    }
}
