namespace ArtifactStore.Cli.Output;

/// <summary>How far a transfer is. Counted by many threads, read by the one that shows it.</summary>
internal sealed class Tally
{
    private long _files;
    private long _bytes;
    private long _uploadedFiles;
    private long _uploadedBytes;
    private long _linkedFiles;
    private long _keptFiles;

    public long TotalFiles { get; set; }

    public long TotalBytes { get; set; }

    /// <summary>Files that need nothing more.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>Bytes that need nothing more, however that came about.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public long MovedFiles => Interlocked.Read(ref _uploadedFiles);

    public long MovedBytes => Interlocked.Read(ref _uploadedBytes);

    public long LinkedFiles => Interlocked.Read(ref _linkedFiles);

    public long KeptFiles => Interlocked.Read(ref _keptFiles);

    /// <summary>Another walk over everything: what was moved stays counted, what is done begins anew.</summary>
    public void Restart(long totalFiles, long totalBytes)
    {
        (TotalFiles, TotalBytes) = (totalFiles, totalBytes);
        Interlocked.Exchange(ref _files, 0);
        Interlocked.Exchange(ref _bytes, 0);
        Interlocked.Exchange(ref _keptFiles, 0);
    }

    /// <summary>Bytes of a file on their way; a repeat counts them back.</summary>
    public void Moving(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>A file arrived whose bytes were counted while they moved.</summary>
    public void Moved(long size)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Increment(ref _uploadedFiles);
        Interlocked.Add(ref _uploadedBytes, size);
    }

    public void Linked(long size)
    {
        Interlocked.Increment(ref _linkedFiles);
        Done(size);
    }

    /// <summary>The file was there before this run.</summary>
    public void Kept(long size)
    {
        Interlocked.Increment(ref _keptFiles);
        Done(size);
    }

    private void Done(long size)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytes, size);
    }
}
