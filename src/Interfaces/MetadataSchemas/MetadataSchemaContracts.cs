using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.MetadataSchemas;

public sealed partial record MetadataSchemaView(string Slug, CanonicalDocument Schema, DateTimeOffset RegisteredAt, string RegisteredBy);

public sealed partial record RegisterMetadataSchema(
    AppendId AppendId, TenantId Tenant, string Actor, DateTimeOffset Time, string Slug, CanonicalDocument Schema);

/// <summary>The metadata schema <c>{tenant}/{slug}</c>: immutable once registered.</summary>
public interface IMetadataSchemaGrain : IGrain
{
    /// <summary>Registering the same document again changes nothing; another one under the same slug is refused.</summary>
    Task<Outcome<MetadataSchemaView>> Register(RegisterMetadataSchema command);

    Task<Outcome<MetadataSchemaView>> Describe();

    /// <summary>True, or <c>metadata_invalid</c> with what failed and where.</summary>
    Task<Outcome<bool>> Check(CanonicalDocument metadata);
}
