using System.Diagnostics;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

internal static class Tools
{
    /// <summary>
    /// What the machine lacks is a reason to skip for a visitor, and a failure where everything has been installed on purpose.
    /// </summary>
    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(reason);
        Assert.Skip(reason);
    }

    public static string MakeFolder(this string path) => Directory.CreateDirectory(path).FullName;
}

internal static class Eventually
{
    /// <summary>Waits for a condition with a deadline; the pause is only how often it is looked at.</summary>
    public static async Task True(Func<bool> condition, string what, int seconds = 60)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed.TotalSeconds < seconds, $"not within {seconds} s: {what}");
            await Task.Delay(10);
        }
    }

    public static async Task True(Func<Task<bool>> condition, string what, int seconds = 60)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(since.Elapsed.TotalSeconds < seconds, $"not within {seconds} s: {what}");
            await Task.Delay(50);
        }
    }
}
