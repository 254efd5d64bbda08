using System.Globalization;
using System.Reflection;

namespace ArtifactStore.Storage.Journal;

/// <summary>The scripts of one database in this assembly, in the order of the numbers that their names begin with.</summary>
internal sealed class NumberedScripts(string folder)
{
    public IReadOnlyList<(int Number, string Name)> All { get; } = Find(folder);

    public int Latest => All[^1].Number;

    public static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Never backwards: what a newer program wrote is not for this one.</summary>
    public void RefuseNewer(int version, string database)
    {
        if (version > Latest)
            throw new InvalidDataException(
                $"{database} has schema version {version}, this program knows versions up to {Latest}: use the newer program that wrote it");
    }

    public void RequireLatest(int version, string database)
    {
        RefuseNewer(version, database);
        if (version < Latest)
            throw new InvalidDataException(
                $"{database} has schema version {version}, this program needs {Latest}: run 'artifactstore migrate'");
    }

    private static List<(int Number, string Name)> Find(string folder)
    {
        var scripts = new List<(int, string)>();
        foreach (var name in Assembly.GetExecutingAssembly().GetManifestResourceNames())
        {
            if (!name.Replace('\\', '/').StartsWith(folder, StringComparison.Ordinal)) continue;
            scripts.Add((int.Parse(name.AsSpan(folder.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture), name));
        }
        scripts.Sort();
        return scripts;
    }
}
