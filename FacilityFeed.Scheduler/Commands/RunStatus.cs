using FacilityFeed.Domain.Shaping;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Operating;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>All that the ledger knows of a run.</summary>
/// <param name="Run">The run with its sums.</param>
/// <param name="Reasons">What shaping did to it, by reason.</param>
/// <param name="Chunks">Its chunks, in order.</param>
/// <param name="Events">Its audit trail, oldest first.</param>
/// <param name="Excess">Why it may not go on without a further word, for its data is old; null where it may, or there is nothing to go on with.</param>
internal sealed record RunStatus(RunView Run, IReadOnlyList<ReasonCount> Reasons, IReadOnlyList<ChunkView> Chunks, IReadOnlyList<(DateTime At, string Event, string? Detail)> Events, string? Excess)
{
    /// <exception cref="RefusedException">There is no such run.</exception>
    public static async Task<RunStatus> ReadAsync(IServiceProvider services, long runId, CancellationToken cancellationToken)
    {
        var run = await KnownRuns.FindAsync(services, runId, cancellationToken);
        return new RunStatus(
            run,
            await services.GetRequiredService<RejectLedger>().CountAsync(runId, cancellationToken),
            await services.GetRequiredService<ChunkLedger>().ListAsync(runId, cancellationToken),
            await services.GetRequiredService<RunLedger>().EventsAsync(runId, cancellationToken),
            services.GetRequiredService<DataAge>().ExcessOfWaiting(run));
    }
}
