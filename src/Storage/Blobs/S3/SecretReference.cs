using System.Diagnostics.CodeAnalysis;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// Where a secret is kept: <c>env:NAME</c> or <c>file:/path</c>. Invariant: it never holds the secret, so it can stand in a message. What is
/// refused as a reference may be a secret, and is never repeated.
/// </summary>
public sealed record SecretReference
{
    private const string VariablePrefix = "env:";
    private const string FilePrefix = "file:";
    private const int MaxFileBytes = 64 * 1024;

    private readonly string _name;

    private SecretReference(string setting, string name, bool isFile)
    {
        Setting = setting;
        _name = name;
        IsFile = isFile;
    }

    /// <summary>The setting that holds the reference, for messages.</summary>
    public string Setting { get; }

    public bool IsFile { get; }

    public static bool TryParse(string setting, string text, [NotNullWhen(true)] out SecretReference? reference)
    {
        reference = null;
        if (text.StartsWith(VariablePrefix, StringComparison.Ordinal))
        {
            var name = text[VariablePrefix.Length..];
            if (name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) reference = new(setting, name, isFile: false);
        }
        else if (text.StartsWith(FilePrefix, StringComparison.Ordinal))
        {
            var path = text[FilePrefix.Length..];
            if (path.StartsWith("///", StringComparison.Ordinal)) path = path[2..];
            if (path.StartsWith('/')) reference = new(setting, path, isFile: true);
        }
        return reference is not null;
    }

    /// <exception cref="SecretException">There is nothing where the reference points; a sentence without any secret.</exception>
    public string Resolve(SecretVariables variables)
    {
        if (!IsFile) return variables.Find(_name) ?? throw Missing($"the variable {_name}, which is not set");
        try
        {
            if (new FileInfo(_name).Length > MaxFileBytes) throw Missing($"the file {_name}, which is too large to be a secret");
            var text = File.ReadAllText(_name).Trim();
            return text.Length > 0 ? text : throw Missing($"the file {_name}, which is empty");
        }
        catch (FileNotFoundException)
        {
            throw Missing($"the file {_name}, which does not exist");
        }
        catch (DirectoryNotFoundException)
        {
            throw Missing($"the file {_name}, which does not exist");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Missing($"the file {_name}, which cannot be read");
        }
    }

    /// <summary>Changes whenever the file was replaced or written; null for a variable and for a file that is not there.</summary>
    internal (DateTime Written, long Length)? Stamp()
    {
        if (!IsFile) return null;
        try
        {
            // The target, not the link: secrets that an orchestrator mounts are replaced by turning a link.
            var file = new FileInfo(_name);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public override string ToString() => (IsFile ? FilePrefix : VariablePrefix) + _name;

    private SecretException Missing(string what) => new($"{Setting} names {what}.");
}

/// <summary>There are no credentials just now: one sentence that names the setting and holds no secret.</summary>
public sealed class SecretException(string message) : Exception(message);
