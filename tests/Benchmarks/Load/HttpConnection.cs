using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Load;

/// <summary>What came back. A body longer than the buffer is counted and dropped.</summary>
internal readonly record struct Answer(int Status, string? Location, long BodyBytes, ReadOnlyMemory<byte> Body)
{
    public Answer Expect(int status) => Status == status
        ? this
        : throw new BenchmarkException($"the answer was {Status} instead of {status}: {Encoding.UTF8.GetString(Body.Span)}");
}

/// <summary>
/// One HTTP/1.1 connection that is kept alive, on a blocking socket. The client shares two cores with the server it measures, so it does as
/// little as possible: a request is one send, a large body goes out by sendfile, an answer is parsed only for what is asked of it.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private static ReadOnlySpan<byte> EndOfHeaders => "\r\n\r\n"u8;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly string _fixedHeaders;
    private int _start;
    private int _end;

    public HttpConnection(Uri url, string headers)
    {
        _fixedHeaders = $" HTTP/1.1\r\nHost: {url.Authority}\r\n{headers}";
        _socket.Connect(new IPEndPoint(IPAddress.Parse(url.Host), url.Port));
    }

    public void Dispose() => _socket.Dispose();

    public Answer Send(string method, string target, ReadOnlySpan<byte> body = default, string contentType = "application/octet-stream")
    {
        var head = Head(method, target, body.Length, contentType);
        var request = new byte[head.Length + body.Length];
        head.CopyTo(request, 0);
        body.CopyTo(request.AsSpan(head.Length));
        SendAll(request);
        return Receive();
    }

    /// <summary>The body is <paramref name="prefix"/> and then the file.</summary>
    public Answer SendFile(string method, string target, string file, byte[] prefix)
    {
        var head = Head(method, target, prefix.Length + new FileInfo(file).Length, "application/octet-stream");
        byte[] before = [.. head, .. prefix];
        _socket.SendFile(file, before.AsSpan(), postBuffer: default, TransmitFileOptions.UseDefaultWorkerThread);
        return Receive();
    }

    private byte[] Head(string method, string target, long bodyBytes, string contentType) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{method} {target}{_fixedHeaders}Content-Type: {contentType}\r\nContent-Length: {bodyBytes}\r\n\r\n"));

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    private Answer Receive()
    {
        int headers;
        while ((headers = _buffer.AsSpan(_start, _end - _start).IndexOf(EndOfHeaders)) < 0) Fill();
        var head = _buffer.AsSpan(_start, headers + 2);
        _start += headers + EndOfHeaders.Length;
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
            throw new BenchmarkException("the server does not speak HTTP/1.1");
        var length = Header(head, "content-length") is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
        var location = Header(head, "location");
        return Header(head, "transfer-encoding") is null ? Counted(status, location, length) : Chunked(status, location);
    }

    private Answer Counted(int status, string? location, long length)
    {
        if (length <= BufferBytes / 2)
        {
            while (_end - _start < length) Fill();
            var body = _buffer.AsSpan(_start, (int)length).ToArray();
            _start += body.Length;
            return new(status, location, length, body);
        }
        var left = length - (_end - _start);
        _start = _end = 0;
        while (left > 0)
        {
            var read = _socket.Receive(_buffer, 0, (int)Math.Min(left, _buffer.Length), SocketFlags.None);
            if (read == 0) throw new BenchmarkException("the server closed the connection within a body");
            left -= read;
        }
        return new(status, location, length, default);
    }

    /// <summary>Chunked answers here are small documents.</summary>
    private Answer Chunked(int status, string? location)
    {
        var body = new MemoryStream();
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0) Fill();
            if (!Utf8Parser.TryParse(_buffer.AsSpan(_start, line), out int size, out _, 'x'))
                throw new BenchmarkException("a chunk has no size");
            _start += line + 2;
            while (_end - _start < size + 2) Fill();
            body.Write(_buffer, _start, size);
            _start += size + 2;
            if (size == 0) return new(status, location, body.Length, body.ToArray());
        }
    }

    private void Fill()
    {
        if (_start == _end) _start = _end = 0;
        if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        var read = _end == _buffer.Length ? 0 : _socket.Receive(_buffer, _end, _buffer.Length - _end, SocketFlags.None);
        if (read == 0) throw new BenchmarkException("the server closed the connection, or its answer does not fit");
        _end += read;
    }

    private static string? Header(ReadOnlySpan<byte> head, string name)
    {
        while (true)
        {
            var line = head.IndexOf("\r\n"u8);
            if (line < 0) return null;
            var field = head[..line];
            head = head[(line + 2)..];
            if (field.Length > name.Length && field[name.Length] == ':' && Ascii.EqualsIgnoreCase(field[..name.Length], name))
                return Encoding.ASCII.GetString(field[(name.Length + 1)..]).Trim();
        }
    }
}
