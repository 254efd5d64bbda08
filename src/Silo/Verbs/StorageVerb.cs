using System.CommandLine;
using System.Globalization;
using ArtifactStore.Cli;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Silo.Configuration;

namespace ArtifactStore.Silo.Verbs;

/// <summary>What is done with backends as a whole.</summary>
internal static class StorageVerb
{
    public const string AfterText = "Continue after this key, which a run that was stopped printed";

    public static Command Command(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var command = new Command("storage", "Work on one of the configured backends");
        command.Subcommands.Add(Verify(host, common, settings));
        command.Subcommands.Add(Move(host, common, settings));
        command.Subcommands.Add(Scan(host, common, settings));
        command.Subcommands.Add(StorageProbeVerb.Command(host, common, settings));
        return command;
    }

    private static Command Verify(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var backend = new Option<string>("--backend") { Description = "Id of the backend, such as local or s3", HelpName = "id", Required = true };
        var (jobs, after) = PageOptions("read");
        var command = new Command("verify", "Read every object of a backend again, compare both digests, mark and repair what is wrong")
        {
            backend, jobs, after,
        };
        command.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(async () =>
        {
            var parsed = session.Parsed;
            await using var verification = new StorageVerification(session, settings, parsed.GetRequiredValue(backend), parsed.GetValue(jobs));
            return await verification.Run(PlaceOf(parsed.GetValue(after)), cancellation);
        }));
        return command;
    }

    private static Command Move(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var from = new Option<string>("--from") { Description = "Id of the backend that has the contents", HelpName = "id", Required = true };
        var to = new Option<string>("--to") { Description = "Id of the backend that gets them", HelpName = "id", Required = true };
        var retentionClass = new Option<string?>("--class")
        {
            Description = "Move only what packages of this retention class use; what others use as well moves for all of them",
            HelpName = "slug",
        };
        var (jobs, after) = PageOptions("copied");
        var command = new Command("move", "Move the contents of a backend to another one, every byte compared, while the store is in use")
        {
            from, to, retentionClass, jobs, after,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(from) is { } id && id == result.GetValue(to)) result.AddError("--from and --to name the same backend");
        });
        command.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(async () =>
        {
            var parsed = session.Parsed;
            var wanted = new Relocation(
                parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), parsed.GetValue(retentionClass), parsed.GetValue(jobs));
            await using var move = new StorageMove(session, settings, wanted);
            return await move.Run(PlaceOf(parsed.GetValue(after)), cancellation);
        }));
        return command;
    }

    private static Command Scan(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var backend = new Option<string>("--backend") { Description = "Id of the backend, such as local or s3", HelpName = "id", Required = true };
        var delete = new Option<bool>("--delete") { Description = "Delete what is found; without it nothing is changed" };
        var after = new Option<string?>("--after") { Description = AfterText, HelpName = "key" };
        var command = new Command("scan", "Find the objects of a backend that the store does not know, left by uploads that were cut off")
        {
            backend, delete, after,
        };
        command.SetVerb(host, common, (session, cancellation) => StoreErrors.Told(async () =>
        {
            var parsed = session.Parsed;
            await using var scan = new StorageScan(session, settings, parsed.GetRequiredValue(backend), parsed.GetValue(delete));
            return await scan.Run(parsed.GetValue(after), cancellation);
        }));
        return command;
    }

    /// <summary>Null: at the beginning.</summary>
    private static string? PlaceOf(long after) => after == 0 ? null : after.ToString(CultureInfo.InvariantCulture);

    /// <summary>What every run over a whole backend takes.</summary>
    private static (Option<int> Jobs, Option<long> After) PageOptions(string whatIsDone)
    {
        var jobs = new Option<int>("--jobs")
        {
            Description = $"Objects that are {whatIsDone} at once, 1 to {LocationWalk.MaxJobs}",
            HelpName = "n",
            DefaultValueFactory = _ => LocationWalk.DefaultJobs,
        };
        jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LocationWalk.MaxJobs)
                result.AddError($"--jobs is a number from 1 to {LocationWalk.MaxJobs}");
        });
        var after = new Option<long>("--after")
        {
            Description = AfterText,
            HelpName = "key",
        };
        after.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() < 0) result.AddError("--after is a key that a run which was stopped printed");
        });
        return (jobs, after);
    }
}
