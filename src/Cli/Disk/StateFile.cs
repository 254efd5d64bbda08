namespace ArtifactStore.Cli.Disk;

/// <summary>A small file of this user's, replaced whole or not at all.</summary>
internal static class StateFile
{
    public static void Replace(string file, byte[] bytes)
    {
        var directory = Path.GetDirectoryName(file)!;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var next = $"{file}.{Environment.ProcessId}.next";
        File.WriteAllBytes(next, bytes);
        File.Move(next, file, overwrite: true);
    }
}
