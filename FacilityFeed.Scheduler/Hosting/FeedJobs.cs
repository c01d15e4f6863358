using System.Globalization;
using System.Linq.Expressions;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// Makes the jobs of a run. A job names its queue itself (a queue named only by its state is forgotten at the first retry)
/// and carries ids and a label; the label is shown, never parsed.
/// </summary>
public sealed class FeedJobs(IBackgroundJobClient client)
{
    /// <summary>Where released versions put the small jobs of all feeds. Nothing is put there any more; what lies there is still run.</summary>
    public const string SharedQueue = "coordination";

    public string CreatePlan(FeedDefinition feed, long runId)
    {
        var label = $"{feed.Key} · plan of run {runId}";
        return Create<PlanJob>(job => job.RunAsync(runId, label, null!, CancellationToken.None), feed.CoordinationQueue);
    }

    public string CreateChunk(FeedDefinition feed, long runId, ChunkRange range, int chunkCount) => CreateChunk(feed, runId, range, chunkCount, feed.ChunkQueue);

    /// <summary>In the place of a chunk's job that was lost or hung: it has waited already, so it goes before the backlog.</summary>
    public string CreateChunkAgain(FeedDefinition feed, long runId, ChunkRange range, int chunkCount) => CreateChunk(feed, runId, range, chunkCount, feed.AgainQueue);

    public string CreateManifest(string feedKey, long runId)
    {
        var label = $"{feedKey} · manifest of run {runId}";
        return Create<ManifestJob>(job => job.RunAsync(runId, label, null!, CancellationToken.None), FeedDefinition.CoordinationQueueOf(feedKey));
    }

    private string CreateChunk(FeedDefinition feed, long runId, ChunkRange range, int chunkCount, string queue)
    {
        var label = string.Create(CultureInfo.InvariantCulture, $"{feed.Key} · chunk {range.Number} of {chunkCount} · ids {range.FirstId}–{range.LastId} · run {runId}");
        return Create<ChunkJob>(job => job.RunAsync(runId, range.Number, label, null!, CancellationToken.None), queue);
    }

    private string Create<T>(Expression<Func<T, Task>> call, string queue) => client.Create(Job.FromExpression(call, queue), new EnqueuedState(queue));
}
