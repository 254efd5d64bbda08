using System.Diagnostics;

namespace ArtifactStore.Conformance.Blobs;

/// <summary>A program of other authors that computes a digest of what it reads.</summary>
internal static class Oracle
{
    public static async Task<string> Digest(string program, byte[] bytes)
    {
        var start = new ProcessStartInfo(Tool.Require(program))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(bytes);
        process.StandardInput.Close();
        var line = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return line.Split(' ')[0];
    }
}
