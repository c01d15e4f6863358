using System.Diagnostics;
using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Scheduler.Watching;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>One attempt at a chunk: take it, export it, settle it. Executed twice, it makes one entry.</summary>
public sealed partial class ChunkRunner(ChunkLedger chunks, FeedCatalog feeds, ChunkExporter exporter, FanIn fanIn, AttemptLog attempts, Patience patience, WatchTimes times, CrashPoints points, TimeProvider time, ILogger<ChunkRunner> log)
{
    /// <returns>What happened, for the dashboard: records, bytes and object, or why there was nothing to do.</returns>
    /// <exception cref="FeedException">The attempt did not work; Hangfire tries the job again.</exception>
    /// <exception cref="FeedRejectedException">It cannot work; the chunk fails.</exception>
    /// <exception cref="JobAbortedException">Another execution of the same job has taken over; this one must not change the job's state.</exception>
    public async Task<string> RunAsync(long runId, int number, string jobId, CancellationToken cancellationToken)
    {
        if (await chunks.TryTakeAsync(runId, number, jobId) is not { } claim)
        {
            return await DescribeSettledAsync(runId, number, jobId, cancellationToken);
        }

        var retries = StoreRetries.Begin();
        await using var pulse = new Pulse($"Run {claim.RunId} chunk {claim.Number}", token => chunks.BeatAsync(claim, token), token => chunks.IsCurrentAsync(claim, token), times, time, log, cancellationToken);
        try
        {
            return await pulse.WatchAsync(async () =>
            {
                points.Pass(CrashPoint.ChunkTaken, claim.Number);
                var outcome = await ExportAsync(claim, pulse);
                var isSettled = await fanIn.FinishChunkAsync(claim, outcome, retries.Count);
                if (!isSettled)
                {
                    return await StepBackAsync(claim, jobId, cancellationToken);
                }

                points.Pass(CrashPoint.ChunkFinished, claim.Number);
                return Describe(outcome);
            });
        }
        catch (OperationCanceledException) when (pulse.IsOver && !cancellationToken.IsCancellationRequested)
        {
            return await StepBackAsync(claim, jobId, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await pulse.RestAsync(() => chunks.RestAsync(claim));
            throw;
        }
        catch (Exception failure)
        {
            if (!await TryNoteAsync(claim, failure, retries.Count))
            {
                return await StepBackAsync(claim, jobId, cancellationToken);
            }

            attempts.DidNotWork(claim, StateFailure.Explain(failure), isFinal: failure is FeedRejectedException);
            throw;
        }
    }

    private async Task<ChunkOutcome> ExportAsync(ChunkClaim claim, Pulse pulse)
    {
        var start = Stopwatch.GetTimestamp();
        var feed = feeds.GetFor(claim.RunId, claim.Feed, claim.Recipe);
        var task = new ChunkTask(feed, claim.RunId, claim.GenerationTimestamp, claim.Range, claim.Attempt);
        var store = feeds.StoreOf(feed);
        if (claim.Attempt > 1)
        {
            // The store may be what failed: it is waited for here, before the source is read once more for nothing.
            await patience.TryAsync(store.CheckAsync, pulse.Token);
        }

        var outcome = await exporter.ExportAsync(task, feeds.SourceOf(feed), store, pulse.CheckAsync, pulse.Token);
        LogExported(claim.RunId, claim.Feed, claim.Number, Counted.Of(outcome.Records, "record"), Counted.Of(outcome.Shard?.Bytes ?? 0, "byte"), (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return outcome;
    }

    /// <summary>Ends an attempt that no longer counts, without harm to the one that does.</summary>
    private async Task<string> StepBackAsync(ChunkClaim claim, string jobId, CancellationToken cancellationToken)
    {
        var chunk = await chunks.FindAsync(claim.RunId, claim.Number, cancellationToken);
        if (chunk is not null && chunk.JobId == jobId && chunk.Attempt > claim.Attempt)
        {
            // The living execution owns this job: returning would mark it Succeeded under its hands.
            throw new JobAbortedException();
        }

        return await DescribeSettledAsync(claim.RunId, claim.Number, jobId, cancellationToken);
    }

    private async Task<string> DescribeSettledAsync(long runId, int number, string jobId, CancellationToken cancellationToken)
    {
        var chunk = await chunks.FindAsync(runId, number, cancellationToken);
        return chunk switch
        {
            null => throw new FeedException($"Run {runId} chunk {number} is not in the ledger: STATE_DB (State:ConnectionString) may name another database than when it was planned"),
            _ when chunk.JobId != jobId => $"nothing to do: chunk {number} of run {runId} was given to job {chunk.JobId}",
            _ when chunk.State == ChunkState.Done => $"done: {Describe(chunk.Records ?? 0, chunk.Rejected ?? 0, chunk.Bytes ?? 0, chunk.ObjectName)}",
            _ => $"nothing to do: chunk {number} is {StateName.Of(chunk.State)}, run {runId} is {StateName.Of(chunk.RunState)}",
        };
    }

    /// <returns>False when the attempt no longer counts.</returns>
    private async Task<bool> TryNoteAsync(ChunkClaim claim, Exception failure, int storeRetries)
    {
        try
        {
            return await chunks.NoteErrorAsync(claim, StateFailure.Explain(failure), storeRetries);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // What failed first is what a person must read; Hangfire records it.
            LogNotNoted(claim.RunId, claim.Number, StateFailure.Explain(away));
            return true;
        }
    }

    private static string Describe(ChunkOutcome outcome) => Describe(outcome.Records, outcome.Tally.Rejected, outcome.Shard?.Bytes ?? 0, outcome.Shard?.Name);

    private static string Describe(long records, long rejected, long bytes, string? name)
    {
        var left = rejected > 0 ? string.Create(CultureInfo.InvariantCulture, $", {rejected:N0} rejected") : "";
        return name is null ? $"no records{left}, so no shard" : $"{Counted.Of(records, "record")}{left}, {Counted.Of(bytes, "byte")}, {name}";
    }

    [LoggerMessage(3001, LogLevel.Information, "Run {RunId} of feed {Feed}, chunk {Chunk}: {Records}, {Bytes}, {Milliseconds} ms")]
    private partial void LogExported(long runId, string feed, int chunk, string records, string bytes, long milliseconds);

    [LoggerMessage(4002, LogLevel.Warning, "Run {RunId} chunk {Chunk}: the failure did not reach the ledger ({Reason})")]
    private partial void LogNotNoted(long runId, int chunk, string reason);
}
