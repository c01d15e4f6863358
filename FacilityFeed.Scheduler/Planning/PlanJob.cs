using FacilityFeed.Infrastructure.Ledger;
using Hangfire;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Planning;

/// <summary>Cuts a run into chunks and creates their jobs.</summary>
/// <remarks>Stored by Hangfire: never rename the class, the method or its parameters.</remarks>
public sealed class PlanJob(RunPlanner planner, Databases databases)
{
    [JobDisplayName("{1}")]
    public Task<string> RunAsync(long runId, string label, PerformContext context, CancellationToken cancellationToken) =>
        StateFailure.GuardAsync(databases.State, () => planner.PlanAsync(runId, context.BackgroundJob.Id, cancellationToken));
}
