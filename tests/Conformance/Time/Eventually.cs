using System.Diagnostics;

namespace ArtifactStore.Conformance.Time;

/// <summary>Waits for something that other threads bring about: as soon as it is so, and never for ever.</summary>
public static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task True(Func<bool> condition, string? what = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Deadline) Assert.Fail($"did not happen in {Deadline.TotalSeconds} s: {what}");
            await Task.Delay(1);
        }
    }

    /// <summary>The result, or a failure instead of a test that hangs.</summary>
    public static Task<T> In<T>(Task<T> task) => task.WaitAsync(Deadline);

    public static Task In(Task task) => task.WaitAsync(Deadline);
}
