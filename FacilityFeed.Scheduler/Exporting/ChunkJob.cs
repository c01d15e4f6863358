using FacilityFeed.Infrastructure.Ledger;
using Hangfire;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>Makes the shard of one chunk.</summary>
/// <remarks>Stored by Hangfire: never rename the class, the method or its parameters.</remarks>
public sealed class ChunkJob(ChunkRunner runner, Databases databases)
{
    [JobDisplayName("{2}")]
    public Task<string> RunAsync(long runId, int number, string label, PerformContext context, CancellationToken cancellationToken) =>
        StateFailure.GuardAsync(databases.State, () => runner.RunAsync(runId, number, context.BackgroundJob.Id, cancellationToken));
}
