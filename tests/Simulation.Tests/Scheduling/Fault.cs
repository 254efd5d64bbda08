namespace ArtifactStore.Simulation.Tests.Scheduling;

/// <summary>What may become of one call to a port.</summary>
internal enum Fault
{
    None = 0,

    /// <summary>It fails and did nothing.</summary>
    Refused = 1,

    /// <summary>It was done, and fails all the same: nobody knows.</summary>
    AnswerLost = 2,

    /// <summary>It is done, and again later, whatever happened in between.</summary>
    Repeated = 3,

    /// <summary>It fails, and is done later.</summary>
    Late = 4,

    /// <summary>The node dies before it is done.</summary>
    CrashBefore = 5,

    /// <summary>It is done, and the node dies before it learns that.</summary>
    CrashAfter = 6,
}
