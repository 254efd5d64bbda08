using System.CommandLine;
using ArtifactStore.Cli;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Silo.Configuration;

namespace ArtifactStore.Silo.Verbs;

/// <summary>What is done with backends as a whole.</summary>
internal static class StorageVerb
{
    public static Command Command(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var command = new Command("storage", "Work on one of the configured backends");
        command.Subcommands.Add(Verify(host, common, settings));
        command.Subcommands.Add(StorageProbeVerb.Command(host, common, settings));
        return command;
    }

    private static Command Verify(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var backend = new Option<string>("--backend") { Description = "Id of the backend, such as local or s3", HelpName = "id", Required = true };
        var jobs = new Option<int>("--jobs")
        {
            Description = $"Objects that are read at once, 1 to {LocationVerifier.MaxJobs}",
            HelpName = "n",
            DefaultValueFactory = _ => LocationVerifier.DefaultJobs,
        };
        jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LocationVerifier.MaxJobs)
                result.AddError($"--jobs is a number from 1 to {LocationVerifier.MaxJobs}");
        });
        var after = new Option<long>("--after")
        {
            Description = "Continue after this key, which a run that was stopped printed",
            HelpName = "key",
        };
        after.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() < 0) result.AddError("--after is a key that a run which was stopped printed");
        });
        var command = new Command("verify", "Read every object of a backend again, compare both digests, mark and repair what is wrong")
        {
            backend, jobs, after,
        };
        command.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(async () =>
        {
            var parsed = session.Parsed;
            await using var verification = new StorageVerification(session, settings, parsed.GetRequiredValue(backend), parsed.GetValue(jobs));
            return await verification.Run(parsed.GetValue(after), cancellation);
        }));
        return command;
    }
}
