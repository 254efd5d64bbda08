namespace ArtifactStore.Interfaces.Tests;

/// <summary>Programs that some tests compare with, and that a developer's machine may lack.</summary>
internal static class Tool
{
    /// <summary>The program's path; without it the test is skipped with the reason, or fails where CI promised it.</summary>
    public static string Require(string name)
    {
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            var path = Path.Combine(directory, name);
            if (directory.Length > 0 && File.Exists(path))
                return path;
        }
        var reason = $"{name} is not installed (make deps installs it)";
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(reason);
        Assert.Skip(reason);
        throw new InvalidOperationException(reason);
    }
}
