using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Grains.Contents;

/// <summary>
/// "It was live a moment ago": saves the journal a question. An attempt that comes back after it was given the hint was refused with it,
/// so the hint is dropped; and it fades soon, so that callers with fresh attempts cannot be led astray for long.
/// </summary>
internal sealed class LiveHint(TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    /// <summary>Attempts that are remembered; with more the journal is asked again.</summary>
    public const int MaxGiven = 4096;

    private readonly HashSet<AttemptId> _given = [];
    private LocationView? _location;
    private long _since;

    public LocationView? For(AttemptId attempt)
    {
        if (_location is null) return null;
        if (time.GetElapsedTime(_since) >= Lifetime || _given.Count >= MaxGiven || !_given.Add(attempt)) Clear();
        return _location;
    }

    public void Set(LocationView location)
    {
        Clear();
        _location = location;
        _since = time.GetTimestamp();
    }

    public void GaveTo(AttemptId attempt) => _given.Add(attempt);

    /// <summary>This very location is no longer live; a later one may be.</summary>
    public void Drop(LocationView location)
    {
        if (_location is { } known && known.Generation <= location.Generation) Clear();
    }

    public void Clear()
    {
        _location = null;
        _given.Clear();
    }
}
