namespace ArtifactStore.Client;

/// <summary>One page of a verification of a backend. <paramref name="Next"/> continues it; null is the end.</summary>
public sealed record VerificationPage(
    string BackendId, long? Next, long Locations, long Bytes, long Verified, long Repaired, IReadOnlyList<VerificationFault> Faults);

/// <summary>An object that is not as it should be. Failed: it is marked; else it could not be read, and may be good.</summary>
public sealed record VerificationFault(string ContentAddress, int Generation, string PhysicalKey, string Reason, bool Failed, bool Repaired);
