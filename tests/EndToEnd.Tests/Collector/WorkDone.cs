namespace ArtifactStore.EndToEnd.Tests.Collector;

/// <summary>What a run has really done, so that it can insist on having done enough for its laws to mean anything.</summary>
internal sealed class WorkDone
{
    private int _pushed;
    private int _read;
    private int _retried;
    private int _ended;

    /// <summary>Files whose push was answered.</summary>
    public int Pushed => Volatile.Read(ref _pushed);

    /// <summary>Files of packages that last that came back byte for byte.</summary>
    public int Read => Volatile.Read(ref _read);

    /// <summary>Requests that a kill cut off and that were sent again.</summary>
    public int Retried => Volatile.Read(ref _retried);

    /// <summary>Packages that lasted until their owner deleted them.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public int Kills { get; set; }

    /// <summary>Sweeps with a collection after them that were asked for and answered.</summary>
    public int Collections { get; set; }

    public void CountPush() => Interlocked.Increment(ref _pushed);

    public void CountRead() => Interlocked.Increment(ref _read);

    public void CountRetry() => Interlocked.Increment(ref _retried);

    public void CountEnd() => Interlocked.Increment(ref _ended);

    public override string ToString() =>
        $"{Kills} kills, {Retried} retries, {Collections} collections; {Pushed} files pushed, {Read} read back, {Ended} packages deleted by their owner";
}
