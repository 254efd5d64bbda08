namespace ArtifactStore.Interfaces.Ids;

/// <summary>The configured name of a place where bytes lie: <c>local</c>, <c>s3</c>.</summary>
public readonly partial record struct BackendId(string Value)
{
    public static readonly BackendId Local = new("local");
    public override string ToString() => Value;
}
