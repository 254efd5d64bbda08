using System.Globalization;
using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Cli.Backups;

/// <summary>The events of a backup: files of lines (<see cref="EventLine"/>), each proved when it is written and whenever it is read.</summary>
public static class LogSegments
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Relative to the directory; always with a slash.</summary>
    public static string NameOf(long firstSequence) => string.Create(CultureInfo.InvariantCulture, $"log/{firstSequence:D12}.cbor");

    /// <summary>
    /// Every line of the backup, from the first to its head, proved. A segment whose bytes are not those that backup.json names is found
    /// when its last line has been given: who must not act on damage reads everything once before.
    /// </summary>
    /// <exception cref="CliFailureException">Something is damaged or missing: one sentence that names the file.</exception>
    public static async IAsyncEnumerable<EventRecord> Read(
        BackupDirectory directory, BackupDocument backup, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var proof = new LogProof();
        foreach (var segment in backup.Segments)
        {
            var path = directory.Segment(segment);
            using var file = Open(path, segment);
            await using var hashed = new HashedStream(file);
            await using var lines = EventLine.ReadAsync(hashed, cancellation).GetAsyncEnumerator(cancellation);
            while (await Next(lines, path) is { } line)
            {
                if (proof.Accept(line) is { } fault) throw Damaged(path, fault);
                yield return line;
            }
            if (proof.Head != segment.LastSequence || hashed.Finish().ToHex() != segment.Blake3)
                throw Damaged(path, "its bytes do not have the digest that was recorded");
        }
        if (proof.HeadLeaf.ToHex() != backup.HeadLeafDigest || !proof.AtEndOfAppend)
            throw Damaged(directory.Root, $"its log ends at event {proof.Head}, but backup.json names another end");
    }

    private static async ValueTask<EventRecord?> Next(IAsyncEnumerator<EventRecord> lines, string path)
    {
        try
        {
            return await lines.MoveNextAsync() ? lines.Current : null;
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            throw Damaged(path, malformed.Message.TrimEnd('.'));
        }
    }

    private static FileStream Open(string path, SegmentDocument segment)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
            if (file.Length == segment.Bytes) return file;
            file.Dispose();
            throw Damaged(path, $"it should have {segment.Bytes} bytes");
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Damaged(path, "it is missing");
        }
    }

    private static CliFailureException Damaged(string path, string what) =>
        new(ExitCode.VerificationFailed, $"the backup is damaged: {path}: {Sentence.Printable(what)}");
}

/// <summary>Writes segments of bounded size; a finished one has its name and is durable but for its directory.</summary>
internal sealed class SegmentWriter(BackupDirectory directory) : IDisposable
{
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly List<SegmentDocument> _finished = [];
    private FileStream? _file;
    private Blake3 _hash = new();
    private long _first;
    private long _last;

    public void Write(EventRecord line)
    {
        if (_file is null)
        {
            _file = DurableFiles.Create(Path.Combine(directory.Incoming, "segment"));
            _hash = new();
            _first = line.Sequence;
        }
        var bytes = EventLine.Encode(line);
        _file.Write(bytes);
        _hash.Update(bytes);
        _last = line.Sequence;
        if (_file.Position >= MaxBytes) Close();
    }

    /// <summary>Those that were written, in order.</summary>
    public IReadOnlyList<SegmentDocument> Finish()
    {
        Close();
        return _finished;
    }

    public void Dispose() => _file?.Dispose();

    private void Close()
    {
        if (_file is null) return;
        var name = LogSegments.NameOf(_first);
        var bytes = _file.Position;
        DurableFiles.Publish(_file, Path.Combine(directory.Root, name));
        _file = null;
        _finished.Add(new(name, _first, _last, bytes, _hash.Finish().ToHex()));
    }
}

/// <summary>Hashes what is read through it.</summary>
internal sealed class HashedStream(Stream source) : ForwardStream
{
    private readonly Blake3 _hash = new();

    public Digest256 Finish() => _hash.Finish();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await source.ReadAsync(buffer, cancellationToken);
        _hash.Update(buffer.Span[..read]);
        return read;
    }
}
