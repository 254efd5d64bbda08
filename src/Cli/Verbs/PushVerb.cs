using System.CommandLine;
using ArtifactStore.Cli.Pushing;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Verbs;

internal sealed class PushVerb
{
    private readonly Argument<DirectoryInfo> _directory = new("dir") { Description = "Directory to push, with everything below it" };

    private readonly Option<string?> _producer = new("--producer") { Description = "Who made it", HelpName = "text" };
    private readonly Option<string?> _subject = new("--subject") { Description = "What it is about", HelpName = "text" };
    private readonly Option<string?> _retentionClass = new("--retention-class")
    {
        Description = "transient, raw-evidence, summary-evidence, release-evidence or permanent-record",
        HelpName = "class",
    };

    private readonly Option<string?> _name = new("--name") { Description = "Name of the package [default: the directory's]", HelpName = "text" };
    private readonly Option<string[]> _metadata = new("--metadata", "-m")
    {
        Description = "key=text, key:=json or @file.json; may be repeated, later ones win",
        HelpName = "member",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _metadataSchema = new("--metadata-schema") { Description = "Schema that the metadata must satisfy", HelpName = "slug" };

    private readonly Option<PackageId?> _resume = new("--resume")
    {
        Description = "Continue this package instead of creating one",
        HelpName = "package",
        CustomParser = result => Arguments.Parse<PackageId>(result, "the id of a package"),
    };

    private readonly Option<bool> _new = new("--new") { Description = "Create another package even if an interrupted push of the same is known" };
    private readonly Option<int?> _jobs = Arguments.Jobs("Uploads");

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be uploaded, and change nothing" };
    private readonly Option<bool> _noCache = new("--no-cache") { Description = "Read every file, even if its stamp says that it has not changed" };
    private readonly Option<bool> _skipLinks = new("--skip-links") { Description = "Leave symbolic links out instead of refusing them" };

    public static Command Command(CliHost host, CommonOptions common)
    {
        var verb = new PushVerb();
        var command = new Command("push", "Push a directory into a package and finalize it")
        {
            verb._directory, verb._producer, verb._subject, verb._retentionClass, verb._name, verb._metadata, verb._metadataSchema,
            verb._resume, verb._new, verb._jobs, verb._dryRun, verb._noCache, verb._skipLinks,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(verb._resume) is { Implicit: false }) return;
            foreach (var option in (Option<string?>[])[verb._producer, verb._subject, verb._retentionClass])
            {
                if (result.GetResult(option) is null) result.AddError($"{option.Name} is required");
            }
        });
        command.SetVerb(host, common, (session, cancellation) => new Push(session, verb.Request(session.Parsed)).Run(cancellation));
        return command;
    }

    private PushRequest Request(ParseResult parsed)
    {
        var directory = Path.TrimEndingDirectorySeparator(parsed.GetRequiredValue(_directory).FullName);
        return new(directory)
        {
            Resume = parsed.GetValue(_resume),
            Package = parsed.GetValue(_resume) is null ? Package(parsed, directory) : null,
            Jobs = Arguments.JobsOf(parsed, _jobs),
            DryRun = parsed.GetValue(_dryRun),
            UseCache = !parsed.GetValue(_noCache),
            StartNew = parsed.GetValue(_new),
            SkipLinks = parsed.GetValue(_skipLinks),
        };
    }

    private NewPackage Package(ParseResult parsed, string directory) => new(
        parsed.GetValue(_name) ?? Path.GetFileName(directory),
        parsed.GetRequiredValue(_producer)!,
        parsed.GetRequiredValue(_subject)!,
        parsed.GetRequiredValue(_retentionClass)!)
    {
        Metadata = MetadataArguments.Parse(parsed.GetRequiredValue(_metadata)),
        MetadataSchema = parsed.GetValue(_metadataSchema),
    };
}
