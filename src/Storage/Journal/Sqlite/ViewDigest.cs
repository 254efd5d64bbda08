using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;
using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// One digest over every row of every view: equal digests are equal views. A table's digest is the sum of its rows' digests, in four lanes,
/// so the rows are read as they lie and nothing is sorted. Each value goes in with its kind and its length, so that no two rows have the
/// same bytes.
/// </summary>
internal sealed class ViewDigest
{
    private const int Lanes = Digest256.Bytes / sizeof(ulong);

    private readonly ulong[] _sum = new ulong[Lanes];
    private byte[] _row = new byte[4096];
    private int _used;

    private ViewDigest()
    {
    }

    /// <summary>
    /// Reads on connections of its own, two tables at a time. Nothing may change the views meanwhile: the caller has the writing one.
    /// </summary>
    public static Digest256 Of(string path)
    {
        var tables = new ViewDigest[ViewTables.All.Count];
        Parallel.For(0, tables.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => tables[i] = OfTable(path, ViewTables.All[i]));
        var all = new Blake3();
        foreach (var table in tables) all.Update(MemoryMarshal.AsBytes<ulong>(table._sum));
        return all.Finish();
    }

    private static ViewDigest OfTable(string path, string table)
    {
        var digest = new ViewDigest();
        using var db = SqliteConnection.OpenReader(path);
        using var rows = db.Query(string.Intern($"SELECT * FROM {table}"));
        var columns = rows.Columns;
        Span<ulong> lanes = stackalloc ulong[Lanes];
        while (rows.Step())
        {
            digest._used = 0;
            for (var i = 0; i < columns; i++) digest.AddValue(rows, i);
            Blake3.Hash(digest._row.AsSpan(0, digest._used), MemoryMarshal.AsBytes(lanes));
            for (var lane = 0; lane < Lanes; lane++) digest._sum[lane] += lanes[lane];
        }
        return digest;
    }

    private void AddValue(SqliteStatement row, int column)
    {
        var kind = row.Kind(column);
        if (kind is raw.SQLITE_INTEGER or raw.SQLITE_NULL)
        {
            AddHead(kind, kind == raw.SQLITE_NULL ? 0 : row.Int64(column), more: 0);
            return;
        }
        var bytes = row.Blob(column);
        AddHead(kind, bytes.Length, bytes.Length);
        bytes.CopyTo(_row.AsSpan(_used));
        _used += bytes.Length;
    }

    private void AddHead(int kind, long number, int more)
    {
        var needed = _used + 1 + sizeof(long) + more;
        if (needed > _row.Length) Array.Resize(ref _row, Math.Max(needed, 2 * _row.Length));
        _row[_used] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(_row.AsSpan(_used + 1), number);
        _used += 1 + sizeof(long);
    }
}
