using System.Text;
using System.Text.Json;
using ArtifactStore.Cli.Disk;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Pushing;

/// <summary>
/// What lets the same command, run again after an interruption, go on with the same package. It is written before the package is created
/// and holds the idempotency key of that creation: so a crash at any moment leads back to the one package. Gone once the package is
/// finalized.
/// </summary>
internal sealed class ResumeNote
{
    private readonly string? _file;

    private ResumeNote(string? file, ResumeDocument content)
    {
        _file = file;
        Content = content;
    }

    public ResumeDocument Content { get; private set; }

    public PackageId? Package => PackageId.TryParse(Content.PackageId, null, out var id) ? id : null;

    /// <summary>The note of an earlier run of this command, or a new one.</summary>
    public static ResumeNote Open(string? stateDirectory, Uri store, PushRequest request)
    {
        var fresh = new ResumeDocument(ArtifactStoreClient.NewIdempotencyKey(), null, request.Directory);
        if (stateDirectory is null) return new(null, fresh);
        var file = Path.Combine(stateDirectory, "pushes", NameOf(store, request) + ".json");
        return new(file, request.StartNew ? fresh : Load(file) ?? fresh);
    }

    /// <summary>False when this user has nowhere to keep it: then only <c>--resume</c> goes on.</summary>
    public bool Save()
    {
        if (_file is null) return false;
        try
        {
            StateFile.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(Content, CliJson.Default.ResumeDocument));
            return true;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Created(PackageId package)
    {
        Content = Content with { PackageId = package.ToString() };
        Save();
    }

    /// <summary>Forgets the earlier run: this one makes another package.</summary>
    public void Renew() => Content = Content with { IdempotencyKey = ArtifactStoreClient.NewIdempotencyKey(), PackageId = null };

    public void Delete()
    {
        try
        {
            if (_file is not null) File.Delete(_file);
        }
        catch (Exception undeletable) when (undeletable is IOException or UnauthorizedAccessException)
        {
            // The next run finds a finalized package in it and renews it.
        }
    }

    private static ResumeDocument? Load(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), CliJson.Default.ResumeDocument);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The digest of everything that makes it the same command, each part with its length before it.</summary>
    private static string NameOf(Uri store, PushRequest request)
    {
        var hash = new Blake3();
        var package = request.Package!;
        foreach (var part in (ReadOnlySpan<string>)[
            store.ToString(), request.Directory, package.Name, package.Producer, package.Subject, package.RetentionClass,
            package.MetadataSchema ?? "", package.Metadata?.GetRawText() ?? ""])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.Update(BitConverter.GetBytes(bytes.Length));
            hash.Update(bytes);
        }
        return hash.Finish().ToHex()[..32];
    }
}
