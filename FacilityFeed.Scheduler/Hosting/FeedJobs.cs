using System.Globalization;
using System.Linq.Expressions;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Jobs;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// Makes the jobs of a run. A job names its queue itself (a queue named only by its state is forgotten at the first retry)
/// and carries ids and a label; the label is shown, never parsed. The queue is of the run's protocol, not of this build's.
/// </summary>
public sealed class FeedJobs(IBackgroundJobClientV2 client, RunJobsLedger runs)
{
    /// <summary>Carries a trigger by hand out, which it is marked with.</summary>
    public string CreateTrigger(string feedKey, string queue, long triggerId) => client.Create(
        Job.FromExpression<TriggerJob>(job => job.RunAsync(feedKey, null!, CancellationToken.None), queue), new EnqueuedState(queue), new Dictionary<string, object> { [HandTriggers.Parameter] = triggerId });

    public string CreatePlan(FeedDefinition feed, long runId)
    {
        var label = $"{feed.Key} · plan of run {runId}";
        return Create<PlanJob>(job => job.RunAsync(runId, label, null!, CancellationToken.None), FeedQueues.Coordination(feed.Key, runs.ProtocolOf(runId)));
    }

    /// <param name="feed">The feed.</param>
    /// <param name="runId">The run.</param>
    /// <param name="ranges">One for each job.</param>
    /// <param name="chunkCount">Of the whole run.</param>
    /// <param name="cancellationToken">Stops between two jobs.</param>
    /// <returns>Their ids, in the same order.</returns>
    public List<string> CreateChunks(FeedDefinition feed, long runId, IReadOnlyCollection<ChunkRange> ranges, int chunkCount, CancellationToken cancellationToken = default)
    {
        var jobIds = new List<string>(ranges.Count);
        var queue = FeedQueues.Chunks(feed.Key, runs.ProtocolOf(runId));
        foreach (var range in ranges)
        {
            cancellationToken.ThrowIfCancellationRequested();
            jobIds.Add(CreateChunk(feed, runId, range, chunkCount, queue));
        }

        return jobIds;
    }

    /// <summary>In the place of a chunk's job that was lost or hung: it has waited already, so it goes before the backlog.</summary>
    public string CreateChunkAgain(FeedDefinition feed, long runId, ChunkRange range, int chunkCount) => CreateChunk(feed, runId, range, chunkCount, FeedQueues.Ahead(feed.Key, runs.ProtocolOf(runId)));

    public string CreateManifest(string feedKey, long runId)
    {
        var label = $"{feedKey} · manifest of run {runId}";
        return Create<ManifestJob>(job => job.RunAsync(runId, label, null!, CancellationToken.None), FeedQueues.Coordination(feedKey, runs.ProtocolOf(runId)));
    }

    private string CreateChunk(FeedDefinition feed, long runId, ChunkRange range, int chunkCount, string queue)
    {
        var label = string.Create(CultureInfo.InvariantCulture, $"{feed.Key} · chunk {range.Number} of {chunkCount} · ids {range.FirstId}–{range.LastId} · run {runId}");
        return Create<ChunkJob>(job => job.RunAsync(runId, range.Number, label, null!, CancellationToken.None), queue);
    }

    private string Create<T>(Expression<Func<T, Task>> call, string queue)
    {
        // A plan makes up to two thousand.
        Headway.Moved();
        return client.Create(Job.FromExpression(call, queue), new EnqueuedState(queue));
    }
}
