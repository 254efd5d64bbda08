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
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly string fixedHeaders;
    private int start;
    private int end;

    public HttpConnection(Uri url, string headers)
    {
        fixedHeaders = $" HTTP/1.1\r\nHost: {url.Authority}\r\n{headers}";
        socket.Connect(new IPEndPoint(IPAddress.Parse(url.Host), url.Port));
    }

    public void Dispose() => socket.Dispose();

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
        socket.SendFile(file, before.AsSpan(), postBuffer: default, TransmitFileOptions.UseDefaultWorkerThread);
        return Receive();
    }

    private byte[] Head(string method, string target, long bodyBytes, string contentType) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{method} {target}{fixedHeaders}Content-Type: {contentType}\r\nContent-Length: {bodyBytes}\r\n\r\n"));

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[socket.Send(bytes)..];
    }

    private Answer Receive()
    {
        int headers;
        while ((headers = buffer.AsSpan(start, end - start).IndexOf(EndOfHeaders)) < 0) Fill();
        var head = buffer.AsSpan(start, headers + 2);
        start += headers + EndOfHeaders.Length;
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
            while (end - start < length) Fill();
            var body = buffer.AsSpan(start, (int)length).ToArray();
            start += body.Length;
            return new(status, location, length, body);
        }
        var left = length - (end - start);
        start = end = 0;
        while (left > 0)
        {
            var read = socket.Receive(buffer, 0, (int)Math.Min(left, buffer.Length), SocketFlags.None);
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
            while ((line = buffer.AsSpan(start, end - start).IndexOf("\r\n"u8)) < 0) Fill();
            if (!Utf8Parser.TryParse(buffer.AsSpan(start, line), out int size, out _, 'x'))
                throw new BenchmarkException("a chunk has no size");
            start += line + 2;
            while (end - start < size + 2) Fill();
            body.Write(buffer, start, size);
            start += size + 2;
            if (size == 0) return new(status, location, body.Length, body.ToArray());
        }
    }

    private void Fill()
    {
        if (start == end) start = end = 0;
        if (end == buffer.Length)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }
        var read = end == buffer.Length ? 0 : socket.Receive(buffer, end, buffer.Length - end, SocketFlags.None);
        if (read == 0) throw new BenchmarkException("the server closed the connection, or its answer does not fit");
        end += read;
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
