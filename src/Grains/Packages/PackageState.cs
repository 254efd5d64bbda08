using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Grains.Packages;

/// <summary>What a package is decided on: its header, never its files.</summary>
public abstract record PackageState
{
    private PackageState() { }

    public sealed record Absent : PackageState
    {
        public static readonly Absent Instance = new();
    }

    public sealed record Existing(PackageView View) : PackageState;

    public static PackageState Of(PackageView? view) => view is null ? Absent.Instance : new Existing(view);
}
