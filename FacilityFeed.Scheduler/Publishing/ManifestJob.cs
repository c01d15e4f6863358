using FacilityFeed.Infrastructure.Ledger;
using Hangfire;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Publishing;

/// <summary>Proves a run and writes its manifest.</summary>
/// <remarks>Stored by Hangfire: never rename the class, the method or its parameters.</remarks>
public sealed class ManifestJob(ManifestPublisher publisher, Databases databases)
{
    [JobDisplayName("{1}")]
    public Task<string> RunAsync(long runId, string label, PerformContext context, CancellationToken cancellationToken) =>
        StateFailure.GuardAsync(databases.State, () => publisher.PublishAsync(runId, context.BackgroundJob.Id, cancellationToken));
}
