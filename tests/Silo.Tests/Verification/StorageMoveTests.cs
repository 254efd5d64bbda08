using ArtifactStore.Cli;

namespace ArtifactStore.Silo.Tests.Verification;

/// <summary>What <c>artifactstore storage move</c> refuses. With two real backends it is tested end to end.</summary>
public sealed class StorageMoveTests : IDisposable
{
    private readonly StoreOfFiles _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("storage move", ExitCode.Usage, "--from")]
    [InlineData("storage move --from local", ExitCode.Usage, "--to")]
    [InlineData("storage move --from local --to local", ExitCode.Usage, "--from and --to name the same backend")]
    [InlineData("storage move --from local --to attic --jobs 65", ExitCode.Usage, "--jobs is a number from 1 to 64")]
    [InlineData("storage move --from local --to attic --after -1", ExitCode.Usage, "--after is a key that a run which was stopped printed")]
    [InlineData("storage move --from local --to attic", ExitCode.NotFound, "there is no storage backend 'attic'")]
    [InlineData("storage move --from attic --to local", ExitCode.NotFound, "there is no storage backend 'attic'")]
    public async Task What_cannot_be_is_told_in_a_sentence(string arguments, int expected, string says)
    {
        await _store.Fill(1);
        var (code, _, error) = await _store.Run(arguments);
        Assert.Equal(expected, code);
        Assert.Contains(says, error);
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_not_made()
    {
        var (code, _, error) = await _store.Run("storage move --from local --to s3");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("there is no database", error);
        Assert.False(Directory.Exists(_store.Root));
    }
}
