using System.Text;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Replays, and proves what it did: the views are dumped before and after, on the writer's own connection, so that no append comes between.
/// Only the digests of the dumps are kept, whatever their size.
/// </summary>
internal sealed class SqliteMaintenance(SqliteJournal journal, TimeProvider time) : IMaintenance
{
    public async Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default)
    {
        ReplayReport? report = null;
        await journal.RunAlone(
            db => report = Replay(db, progress, time, cancellation),
            CancellationToken.None);
        return report ?? throw new InvalidOperationException("the replay ended without a result");
    }

    /// <summary>The caller has the writing connection to itself.</summary>
    public static ReplayReport Replay(SqliteConnection db, IProgress<long>? progress, TimeProvider time, CancellationToken cancellation)
    {
        var before = DigestOfViews(db);
        var started = time.GetTimestamp();
        var applied = new SqliteReplay(db, progress is null ? null : new Sequences(progress), cancellation).Run();
        var elapsed = time.GetElapsedTime(started);
        return new(applied, DigestOfViews(db) == before, elapsed);
    }

    private static Digest256 DigestOfViews(SqliteConnection db)
    {
        using var digest = new DigestWriter();
        ViewDump.Write(db, digest);
        return digest.Finish();
    }

    /// <summary>Not <see cref="Progress{T}"/>: that one reports later and elsewhere.</summary>
    private sealed class Sequences(IProgress<long> progress) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => progress.Report(value.Sequence);
    }

    /// <summary>A text that is hashed instead of kept.</summary>
    private sealed class DigestWriter : TextWriter
    {
        private readonly Blake3 _hash = new();
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _used;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            const int charsAtOnce = 16 * 1024;
            while (!buffer.IsEmpty)
            {
                var part = buffer[..Math.Min(buffer.Length, charsAtOnce)];
                if (_used + Encoding.UTF8.GetMaxByteCount(part.Length) > _buffer.Length) Drain();
                _used += Encoding.UTF8.GetBytes(part, _buffer.AsSpan(_used));
                buffer = buffer[part.Length..];
            }
        }

        public Digest256 Finish()
        {
            Drain();
            return _hash.Finish();
        }

        private void Drain()
        {
            _hash.Update(_buffer.AsSpan(0, _used));
            _used = 0;
        }
    }
}
