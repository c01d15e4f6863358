using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Watching;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Publishing;

/// <summary>
/// The last job of a run: proves every shard in the store, asks the guard, enters <c>publishing</c>, writes the manifest, then the alias.
/// Each step may be repeated; an attempt that was overtaken stops before the alias.
/// </summary>
public sealed partial class ManifestPublisher(RunLedger runs, PublishingLedger publishing, ChunkLedger chunks, FeedCatalog feeds, ShardProof proof, RunGuard guard, FailureNotes notes, OutcomeLog outcomes, WatchTimes times, CrashPoints points, TimeProvider time, ILogger<ManifestPublisher> log)
{
    /// <summary>What is kept beside a manifest and its copy, the alias.</summary>
    public static IReadOnlyDictionary<string, string> MetadataOf(long runId) => new Dictionary<string, string> { ["run-id"] = runId.ToString(CultureInfo.InvariantCulture) };

    /// <returns>What happened, for the dashboard.</returns>
    /// <exception cref="FeedException">The store did not answer; Hangfire tries the job again.</exception>
    /// <exception cref="FeedRejectedException">It cannot work; the run fails.</exception>
    /// <exception cref="JobAbortedException">Another execution of the same job has taken over.</exception>
    public async Task<string> PublishAsync(long runId, string jobId, CancellationToken cancellationToken)
    {
        if (await publishing.TryTakeAsync(runId, jobId) is not { } claim)
        {
            return $"nothing to publish: run {runId} is {await StateOfAsync(runId, cancellationToken)}";
        }

        await using var pulse = new Pulse($"Run {runId} manifest", token => publishing.BeatAsync(claim, token), look: null, times, time, log, cancellationToken);
        try
        {
            return await pulse.WatchAsync(() => PublishAsync(claim, jobId, pulse));
        }
        catch (OperationCanceledException) when (pulse.IsOver && !cancellationToken.IsCancellationRequested)
        {
            return await StepBackAsync(claim, jobId, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await pulse.RestAsync(() => publishing.RestAsync(claim));
            throw;
        }
        catch (Exception failure)
        {
            if (await IsOvertakenAsync(claim))
            {
                // Thrown on, it would fail the job and with it the run, under the hands of the attempt that counts.
                return await StepBackAsync(claim, jobId, cancellationToken);
            }

            await notes.KeepAsync(runId, jobId, failure);
            throw;
        }
    }

    private async Task<string> PublishAsync(ManifestClaim claim, string jobId, Pulse pulse)
    {
        var cancellationToken = pulse.Token;
        points.Pass(CrashPoint.ManifestTaken);
        var settled = await chunks.ListAsync(claim.RunId, cancellationToken);
        if (settled.FirstOrDefault(chunk => chunk.State != ChunkState.Done) is { } open)
        {
            // Never seen; but a countdown is only a number, and a manifest without a chunk would delist what is in it.
            var what = $"Run {claim.RunId}: its countdown is at zero, but chunk {open.Number} is {StateName.Of(open.State)}. Nothing is published";
            throw open.State == ChunkState.Failed ? new FeedRejectedException($"{what}; redrive the run") : new FeedException($"{what}; the watcher counts again");
        }

        var feed = feeds.GetFor(claim.RunId, claim.Feed, claim.Recipe);
        var store = feeds.StoreOf(feed);
        if (await proof.ReopenMissingAsync(claim, settled, store, cancellationToken) is { } reopened)
        {
            return reopened;
        }

        points.Pass(CrashPoint.ShardsProven);
        // Once it has entered publishing, a run has passed the guard, or a person let it pass.
        return (claim.HasEntered ? null : await TryEndAsync(claim, feed, settled, store, jobId, pulse))
            ?? await WriteAsync(claim, [.. settled.Select(chunk => chunk.ObjectName).OfType<string>()], store, jobId, cancellationToken);
    }

    /// <summary>Ends a run that must not be published without a person, or need not be.</summary>
    /// <returns>What was done; null when the run is to be published.</returns>
    private async Task<string?> TryEndAsync(ManifestClaim claim, FeedDefinition feed, IReadOnlyList<ChunkView> settled, IFeedStore store, string jobId, Pulse pulse)
    {
        if (settled.All(chunk => chunk.ObjectName is null))
        {
            var rejected = settled.Sum(chunk => chunk.Rejected ?? 0);
            return await EndAsync(claim, RunState.Held, rejected == 0
                ? "the source is empty: no chunk had a record. Nothing was published; the last feed stays"
                : $"{(rejected == 1 ? "the only record was" : $"all {Counted.Of(rejected, "record was", "records were")}")} rejected: ./run rejects {claim.RunId} lists them. Nothing was published; the last feed stays", jobId, pulse.Token);
        }

        var verdict = await guard.JudgeAsync(claim, feed, settled, store, pulse.Token);
        if (verdict.Breaches.Count > 0)
        {
            return await EndAsync(claim, RunState.Held, $"{string.Join("; ", verdict.Breaches)}. Nothing was published; the last feed stays", jobId, pulse.Token);
        }

        foreach (var warning in verdict.Warnings)
        {
            LogWarning(claim.RunId, claim.Feed, warning);
            await runs.AddEventAsync(claim.RunId, "warning", warning);
        }

        return feed.SkipsUnchanged && await guard.FindSameAsync(claim, settled, store, pulse.Token) is { } same
            ? await EndAsync(claim, RunState.Unchanged, $"every shard equals run {same}'s; nothing was published", jobId, pulse.Token)
            : null;
    }

    private async Task<bool> IsOvertakenAsync(ManifestClaim claim)
    {
        try
        {
            return await publishing.IsOvertakenAsync(claim);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            // The ledger cannot say; what failed first goes on to Hangfire, which has to wait for the same database.
            return false;
        }
    }

    private async Task<string> WriteAsync(ManifestClaim claim, IReadOnlyList<string> shards, IFeedStore store, string jobId, CancellationToken cancellationToken)
    {
        if (!await publishing.TryEnterAsync(claim))
        {
            return await StepBackAsync(claim, jobId, cancellationToken);
        }

        points.Pass(CrashPoint.PublishingEntered);
        var content = ObjectContent.Of(new Manifest(claim.GenerationTimestamp, claim.Name, shards).ToBytes()) with
        {
            Metadata = MetadataOf(claim.RunId),
        };
        await AliasWriter.CheckAsync(store, claim, content, cancellationToken);
        var manifest = await store.CreateAsync(ObjectNames.Manifest(claim.Name, claim.GenerationTimestamp), content, cancellationToken);
        points.Pass(CrashPoint.ManifestStored);
        if (!await publishing.IsCurrentAsync(claim))
        {
            return await StepBackAsync(claim, jobId, cancellationToken);
        }

        await AliasWriter.WriteAsync(store, claim, content, cancellationToken);
        points.Pass(CrashPoint.AliasStored);
        if (!await publishing.TryCompleteAsync(claim, manifest))
        {
            return await StepBackAsync(claim, jobId, cancellationToken);
        }

        LogPublished(claim.RunId, claim.Feed, manifest.Name, Counted.Of(shards.Count, "shard"));
        points.Pass(CrashPoint.RunPublished);
        await TryReleaseAsync(claim, store, cancellationToken);
        points.Pass(CrashPoint.MarkRemoved);
        return $"published {store.Locate(manifest.Name)} with {Counted.Of(shards.Count, "shard")}";
    }

    /// <summary>The objects hold their names themselves now. A mark that stays does no harm, and the feed is published whatever happens to it.</summary>
    private async Task TryReleaseAsync(ManifestClaim claim, IFeedStore store, CancellationToken cancellationToken)
    {
        try
        {
            await store.ReleaseAsync(ObjectNames.Generation(claim.Name, claim.GenerationTimestamp), cancellationToken);
        }
        catch (Exception failure) when (failure is FeedException or OperationCanceledException)
        {
            LogNotReleased(claim.RunId, claim.Feed, failure.Message);
        }
    }

    private async Task<string> EndAsync(ManifestClaim claim, RunState to, string reason, string jobId, CancellationToken cancellationToken)
    {
        if (!await publishing.TryEndAsync(claim, to, reason))
        {
            return await StepBackAsync(claim, jobId, cancellationToken);
        }

        if (to == RunState.Held)
        {
            outcomes.Held(claim.RunId, claim.Feed, reason);
        }

        return $"{StateName.Of(to)}: {reason}";
    }

    /// <summary>Ends an attempt that may not go on, without harm to the one that may.</summary>
    private async Task<string> StepBackAsync(ManifestClaim claim, string jobId, CancellationToken cancellationToken)
    {
        if (await publishing.FindLaterPublishedAsync(claim) is { } later)
        {
            await runs.TryEndAsync(claim.RunId, RunState.Superseded, $"run {later} was published first");
        }

        var run = await runs.FindAsync(claim.RunId, cancellationToken);
        if (run?.ManifestJobId == jobId && RunTransitions.IsActive(run.State))
        {
            // A later attempt of this same job is at work: returning would mark the job Succeeded under its hands.
            throw new JobAbortedException();
        }

        return $"nothing more to publish: run {claim.RunId} is {(run is null ? "gone" : StateName.Of(run.State))}";
    }

    private async Task<string> StateOfAsync(long runId, CancellationToken cancellationToken) =>
        await runs.FindAsync(runId, cancellationToken) is { } run ? StateName.Of(run.State) : "not in the ledger";

    [LoggerMessage(5001, LogLevel.Information, "Run {RunId} of feed {Feed} is published: {Manifest}, {Shards}")]
    private partial void LogPublished(long runId, string feed, string manifest, string shards);

    [LoggerMessage(5004, LogLevel.Warning, "Run {RunId} of feed {Feed}: its mark was left in the store ({Reason})")]
    private partial void LogNotReleased(long runId, string feed, string reason);

    [LoggerMessage(5005, LogLevel.Warning, "Run {RunId} of feed {Feed}: {Warning}")]
    private partial void LogWarning(long runId, string feed, string warning);
}
