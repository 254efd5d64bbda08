namespace ArtifactStore.Conformance;

/// <summary>
/// Finds a program that a test uses as an independent oracle. Its absence is a visible skip; under CI=true it is a failure.
/// </summary>
public static class Tool
{
    public static string Require(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin");
        var path = folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (path is not null)
            return path;
        var reason = $"{name} is not installed (see make deps)";
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(reason);
        Assert.Skip(reason);
        throw new InvalidOperationException(reason);
    }
}
