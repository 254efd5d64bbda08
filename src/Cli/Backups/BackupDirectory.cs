using System.Text.Json;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Cli.Backups;

/// <summary>
/// The directory of one backup:
/// <code>
///   &lt;dir&gt;/backup.json                       what it holds; written last
///   &lt;dir&gt;/log/&lt;first sequence&gt;.cbor         the events, 12 digits
///   &lt;dir&gt;/contents/ab/cd/&lt;blake3 hex&gt;      one file a content
///   &lt;dir&gt;/incoming/                        what is being written; dropped by the next run
///   &lt;dir&gt;/lock                             one run at a time
/// </code>
/// Invariant: a file under its name is whole and durable, so whatever was interrupted, the next run goes on from what it finds.
/// </summary>
public sealed class BackupDirectory(string path)
{
    public string Root { get; } = Path.GetFullPath(path);

    public string Log => Path.Combine(Root, "log");

    public string Incoming => Path.Combine(Root, "incoming");

    private string Document => Path.Combine(Root, "backup.json");

    public string Contents => Path.Combine(Root, "contents");

    public string Segment(SegmentDocument segment) => Path.Combine(Root, segment.File);

    public string Content(Digest256 blake3)
    {
        var hex = blake3.ToHex();
        return Path.Combine(Contents, hex[..2], hex[2..4], hex);
    }

    /// <summary>Takes the directory for one run, making it if it is not there.</summary>
    /// <exception cref="CliFailureException">Another run has it.</exception>
    internal FileStream Take()
    {
        DurableFiles.MakeDirectory(Root);
        try
        {
            return new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException busy) when (busy is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new CliFailureException(ExitCode.Failed, $"another backup is writing into {Root}, or it cannot be written: {Sentence.Of(busy)}", busy);
        }
    }

    /// <summary>Null when there is none: nothing here is a complete backup.</summary>
    /// <exception cref="CliFailureException">There is one that cannot be read: damaged, or of another version.</exception>
    public BackupDocument? Read()
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(Document);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var format = json.RootElement.TryGetProperty("format", out var name) ? name.GetString() : null;
            if (format != BackupDocument.Current)
                throw new CliFailureException(
                    ExitCode.Failed, $"{Document} is of format '{Sentence.Printable(format ?? "")}'; this program knows {BackupDocument.Current}");
            var document = json.RootElement.Deserialize(BackupJson.Default.BackupDocument)!;
            return IsSound(document) ? document : throw new JsonException("its segments are not one after another");
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw new CliFailureException(
                ExitCode.VerificationFailed, $"{Document} is damaged: take it from another copy of the backup, or delete it and back up again", malformed);
        }
    }

    /// <exception cref="CliFailureException">There is none, or it cannot be read.</exception>
    public BackupDocument Require() =>
        Read() ?? throw new CliFailureException(
            ExitCode.Failed, $"{Root} holds no complete backup (there is no backup.json): run 'artifactstore backup' into it");

    /// <summary>Everything that the document mentions is durable by now.</summary>
    internal void Write(BackupDocument document)
    {
        var file = DurableFiles.Create(Document + ".next");
        JsonSerializer.Serialize(file, document, BackupJson.Default.BackupDocument);
        file.Write("\n"u8);
        DurableFiles.Publish(file, Document);
        DurableFiles.SyncDirectory(Root);
    }

    private static bool IsSound(BackupDocument document)
    {
        var last = 0L;
        foreach (var segment in document.Segments)
        {
            if (segment.FirstSequence != last + 1 || segment.LastSequence < segment.FirstSequence) return false;
            if (segment.File != LogSegments.NameOf(segment.FirstSequence)) return false;
            last = segment.LastSequence;
        }
        return last == document.HeadSequence && Digest256.TryParseHex(document.HeadLeafDigest, out _);
    }
}
