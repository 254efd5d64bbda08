namespace ArtifactStore.Grains.Tests;

/// <summary>The counts that the project promises are run by <c>make test-long</c>; <c>make test</c> runs a tenth of them.</summary>
internal static class Counts
{
    public static int Of(int full) =>
        Environment.GetEnvironmentVariable("ARTIFACTSTORE_TEST_SCALE") == "full" ? full : Math.Max(1, full / 10);
}
