using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>
/// How old the data of a run is that waits for a person. It counts from the run's request: nothing that is in the source since its plan is in it, and what it has made
/// already it does not read again.
/// </summary>
public sealed class DataAge(RedriveLedger redrives, FeedCatalog feeds)
{
    /// <summary>Since the run's request.</summary>
    public TimeSpan Of(RunView run) => redrives.AgeOf(run);

    /// <summary>The age for the audit trail and for answers.</summary>
    public string After(RunView run) => $"{TimeText.Of(Of(run))} after its request";

    /// <inheritdoc cref="Excess"/>
    /// <returns>Null also of a run that waits for nobody, or has nothing to go on with.</returns>
    public string? ExcessOfWaiting(RunView run) => run switch
    {
        { State: RunState.Failed, ChunkCount: not null } or { State: RunState.Held, Shards: > 0 } => Excess(run),
        _ => null,
    };

    /// <summary>What there is to do with a failed or held run that is too old, as commands to paste.</summary>
    public static string Remedy(RunView run)
    {
        var order = run.State == RunState.Held ? $"publish-anyway {run.Id} --reason '...'" : $"redrive {run.Id}";
        return $"./run publish {run.Feed} makes the feed of today's data; ./run {order} --force lets this run go on all the same";
    }

    /// <summary>Why a run may not go on without a further word.</summary>
    /// <returns>Null where it may.</returns>
    public string? Excess(RunView run)
    {
        var feed = feeds.All.FirstOrDefault(known => known.Key == run.Feed);
        return (feed is null ? FeedDefinition.UsualRedriveWithin : feed.RedriveWithin) is { } limit && Of(run) is var age && age > limit
            ? $"run {run.Id} was requested {TimeText.Of(age)} ago, and its data is as old: more than {TimeText.Of(limit)} ({PlainNames.OfFeed(run.Feed, "RedriveWithin")})"
            : null;
    }
}
