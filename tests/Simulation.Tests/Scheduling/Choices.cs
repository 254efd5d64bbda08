namespace ArtifactStore.Simulation.Tests.Scheduling;

/// <summary>
/// Every decision of one run, in a row: which task goes on, which call fails and how. After the last one it is always the first option: the
/// oldest task, no fault. So a run is two numbers, and a shorter row of choices is a simpler run.
/// </summary>
internal sealed class Choices(ulong seed, int length)
{
    private ulong _state = seed;
    private int _made;

    public int Next(int options)
    {
        if (options <= 1 || _made >= length) return 0;
        _made++;
        // SplitMix64: the same numbers on every machine and every runtime.
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)options);
    }

    /// <summary>True in so many of 256 cases.</summary>
    public bool Chance(int of256) => Next(256) >= 256 - of256;
}
