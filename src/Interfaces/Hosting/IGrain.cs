namespace ArtifactStore.Interfaces.Hosting;

/// <summary>
/// Seam 1 of design §4: what every grain interface extends. Empty here; <c>IGrainWithStringKey</c> in the Orleans flavour.
/// </summary>
public partial interface IGrain;

/// <summary>
/// Seam 3: how a door reaches a grain. The call runs as a turn of the one activation that this process (or the cluster) has for the key.
/// Arguments and results are immutable records: the embedded host passes references, Orleans copies.
/// </summary>
public interface IGrains
{
    Task<TResult> Call<TGrain, TResult>(string key, Func<TGrain, Task<TResult>> call) where TGrain : class, IGrain;

    Task Call<TGrain>(string key, Func<TGrain, Task> call) where TGrain : class, IGrain;
}

/// <summary>Seam 4: wakes a grain at a durable due time, at least once, on whichever node is there.</summary>
public interface IReminders
{
    Task Remind(string grainType, string key, string name, DateTimeOffset due, TimeSpan? period);

    Task Forget(string grainType, string key, string name);
}

/// <summary>
/// A queue is at its limit: the call was not begun. Doors render it as <c>overloaded</c>; hosts derive their own from it.
/// </summary>
public class OverloadedException(string message) : Exception(message);
