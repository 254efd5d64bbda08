using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Silo.Background;

/// <summary>
/// Reservations of nodes that live no more. Nobody waits for it: a pusher of the same content loses patience with a reservation by itself,
/// and takes the next generation.
/// </summary>
public sealed class CondemnAbandonedJob(INodes nodes, IMaintenance maintenance) : IBackgroundJob
{
    public string Name => "condemn-abandoned";

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    public bool OnEveryNode => false;

    public async Task<bool> Step(CancellationToken cancellation)
    {
        var living = await nodes.Living(cancellation);
        return await maintenance.CondemnAbandoned([.. living.Select(node => node.Id)], cancellation) > 0;
    }
}
