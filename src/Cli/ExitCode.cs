namespace ArtifactStore.Cli;

/// <summary>What a script can act on. A contract, listed in docs/cli.md: numbers are added, never changed.</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The store refused or failed, or this machine did (an unreadable file, a full disk).</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was tried.</summary>
    public const int Usage = 2;

    public const int Unauthorized = 3;

    public const int NotFound = 4;

    /// <summary>Bytes are not those that their digest promises.</summary>
    public const int VerificationFailed = 5;

    public const int Unreachable = 6;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}
