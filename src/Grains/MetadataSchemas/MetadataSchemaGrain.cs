using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Grains.MetadataSchemas.JsonSchema;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Grains.MetadataSchemas;

/// <summary>
/// One metadata schema. It is registered once and never changes, on no node, so what was read of it stays true: it is compiled once in the
/// life of an activation. Only that there is none is asked anew each time.
/// </summary>
[Interleaves]
public sealed class MetadataSchemaGrain(IJournal journal, IViews views) : JournaledGrain<MetadataSchemaState>(journal), IMetadataSchemaGrain
{
    private TenantId _tenant;
    private string _slug = "";
    private CompiledSchema? _compiled;

    public Task<Outcome<MetadataSchemaView>> Register(RegisterMetadataSchema command) => Submit(
        state => MetadataSchemaDecider.Decide(state, command),
        _ => Task.FromResult<Refusal<MetadataSchemaView>>(Refusal<MetadataSchemaView>.DecideAgain.Instance));

    public async Task<Outcome<MetadataSchemaView>> Describe()
    {
        try
        {
            if (await Read() is { } known) return known;
        }
        catch (JournalUnavailableException unavailable)
        {
            return unavailable.AsError();
        }
        DeactivateSoon();
        return ErrorCatalogue.SchemaUnknown.With($"there is no metadata schema '{_slug}'");
    }

    public async Task<Outcome<bool>> Check(CanonicalDocument metadata)
    {
        if (_compiled is null)
        {
            var schema = await Describe();
            if (!schema.Succeeded) return schema.Error;
            if (!JsonSchemaCompiler.TryCompile(schema.Value.Schema, out _compiled, out var errors))
            {
                // It was accepted once: a newer subset must never refuse what an older one took.
                throw new InvalidOperationException(
                    $"the registered schema '{_slug}' does not compile: {MetadataSchemaDecider.Listed(errors)}");
            }
        }
        var found = _compiled.Validate(metadata);
        return found.Count == 0 ? true : ErrorCatalogue.MetadataInvalid.With(MetadataSchemaDecider.Listed(found));
    }

    protected override Task OnActivate()
    {
        var slash = Key.IndexOf('/');
        _tenant = new(Key[..slash]);
        _slug = Key[(slash + 1)..];
        return Task.CompletedTask;
    }

    protected override async Task<MetadataSchemaState> Load()
    {
        var head = Journal.Head;
        return new(await Read(), head);
    }

    protected override bool MayKeep(MetadataSchemaState state) => state.Schema is not null;

    protected override long SequenceOf(MetadataSchemaState state) => state.Sequence;

    protected override MetadataSchemaState Evolve(MetadataSchemaState state, StreamEvent @event, string actor, long sequence) =>
        MetadataSchemaDecider.Evolve(state, @event, actor, sequence);

    private async Task<MetadataSchemaView?> Read() => Slug.Refusal(_slug) is null ? await views.MetadataSchema(_tenant, _slug) : null;
}
