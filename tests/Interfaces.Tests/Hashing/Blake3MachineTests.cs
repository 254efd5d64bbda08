using System.Diagnostics;
using ArtifactStore.Conformance;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Tests.Hashing;

public class Blake3MachineTests
{
    /// <summary>
    /// Narrow vectors use AVX-512's rotations where there are any, so forcing a width does not test an older machine. Another process,
    /// told to use fewer instructions, does.
    /// </summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512", Blake3Width.Avx2, "*")]
    [InlineData("DOTNET_EnableAVX2", Blake3Width.Portable, "*")]
    // Emulated vectors are a thousand times slower: the official ones must do.
    [InlineData("DOTNET_EnableHWIntrinsic", Blake3Width.Portable, "Official*")]
    public async Task A_lesser_machine_computes_the_same(string switchedOff, object widest, string tests)
    {
        Assert.SkipWhen((Blake3Width)widest > Blake3Tree.Widest, "this machine is a lesser one already");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                typeof(Blake3Tests).Assembly.Location, "-method", $"{typeof(Blake3Tests).FullName}.{tests}",
                "-method", $"{typeof(Blake3Tests).FullName}.{nameof(Blake3Tests.The_widest_path_of_the_machine_is_taken)}",
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[switchedOff] = "0";
        start.Environment[Blake3Tests.ExpectedWidthVariable] = widest.ToString();
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, output + await errors);
        Assert.Matches("Total: ([2-9]|[1-9][0-9])", output);
    }

    [Fact]
    public async Task Random_inputs_hash_as_b3sum_hashes_them()
    {
        var b3sum = Tool.Require("b3sum");
        var directory = Directory.CreateTempSubdirectory("blake3-");
        try
        {
            var random = new Random(20);
            var start = new ProcessStartInfo(b3sum, ["--no-names"]) { UseShellExecute = false, RedirectStandardOutput = true };
            var expected = new List<string>();
            for (var i = 0; i < 60; i++)
            {
                var input = Blake3Tests.Input(random, i < 30 ? random.Next(20_000) : random.Next(3_000_000));
                var path = Path.Combine(directory.FullName, $"{i}");
                await File.WriteAllBytesAsync(path, input);
                start.ArgumentList.Add(path);
                expected.Add(Convert.ToHexStringLower(Blake3.Hash(input)));
            }
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
