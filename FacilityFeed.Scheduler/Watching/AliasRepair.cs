using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Publishing;

namespace FacilityFeed.Scheduler.Watching;

/// <summary>
/// Writes a feed's alias again, from its newest manifest, where it is missing or older: a restored bucket, a file removed by
/// hand. Only between runs, and never over an alias that is newer or another's.
/// </summary>
public sealed partial class AliasRepair(WatchLedger ledger, KnownFeeds known, FeedCatalog feeds, RepairNotes notes, WatchTimes times, TimeProvider time, ILogger<AliasRepair> log) : IRepair
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, string> _reported = new(StringComparer.Ordinal);
    private long? _lookedAt;

    public string Subject => "the aliases in the stores";

    public async Task RepairAsync(bool isWakening, CancellationToken cancellationToken)
    {
        if (_lookedAt is { } before && time.GetElapsedTime(before) < times.AliasInterval)
        {
            return;
        }

        _lookedAt = time.GetTimestamp();
        foreach (var (key, recipe) in known.Recipes)
        {
            if (await ledger.FindCurrentAsync(key, recipe, cancellationToken) is { Manifest: not null } current)
            {
                await TryRepairAsync(feeds.Get(key), current, cancellationToken);
            }
        }
    }

    /// <summary>One feed's store that is away, or refuses, says nothing about the others; it is reported once.</summary>
    private async Task TryRepairAsync(FeedDefinition feed, RunView current, CancellationToken cancellationToken)
    {
        try
        {
            // A store that takes connections and says nothing must not keep the watcher from everything else.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(_patience);
            // On another thread: a folder whose disk is gone does not even come back to be cancelled, and the watcher's lock would stay taken.
            await Task.Run(() => RepairAsync(feed.Key, current, feeds.StoreOf(feed), deadline.Token), deadline.Token).WaitAsync(deadline.Token);
            _reported.Remove(feed.Key);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Report(feed, current, $"the store did not answer within {_patience.TotalSeconds:0} s");
        }
        catch (FeedException failure)
        {
            Report(feed, current, failure.Message);
        }
    }

    private void Report(FeedDefinition feed, RunView current, string why)
    {
        if (_reported.GetValueOrDefault(feed.Key) != why)
        {
            _reported[feed.Key] = why;
            LogLeft(current.Id, feed.Key, why);
        }
    }

    private async Task RepairAsync(string feedKey, RunView current, IFeedStore store, CancellationToken cancellationToken)
    {
        if (HashOf(await ReadAsync(store, ObjectNames.Alias, cancellationToken)) == current.ManifestSha256)
        {
            return;
        }

        var claim = new ManifestClaim { RunId = current.Id, Feed = current.Feed, Recipe = current.Recipe, Name = current.Name, GenerationTimestamp = current.GenerationTimestamp!.Value };
        var manifest = await ReadAsync(store, current.Manifest!, cancellationToken);
        if (manifest is null || HashOf(manifest) != current.ManifestSha256)
        {
            throw new FeedRejectedException($"{store.Locate(ObjectNames.Alias)} is not what run {current.Id} published, and cannot be written again: {store.Locate(current.Manifest!)} is missing or changed. Publish the feed again");
        }

        if ((await ledger.FindCurrentAsync(feedKey, current.Recipe, cancellationToken))?.Id != current.Id)
        {
            // A run has begun or was published while the store was read: the alias is its business now.
            return;
        }

        await AliasWriter.WriteAsync(store, claim, ObjectContent.Of(manifest) with { Metadata = ManifestPublisher.MetadataOf(current.Id) }, cancellationToken);
        var what = $"{store.Locate(ObjectNames.Alias)} was missing or older than {current.Manifest}; it was written again";
        await notes.AddAsync(current.Id, what);
        notes.Log(current.Id, current.Feed, what);
    }

    private static async Task<byte[]?> ReadAsync(IFeedStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await SmallContent.ReadAsync(store, name, cancellationToken);
        }
        catch (FormatException)
        {
            // Too large for any manifest, so nothing that a run published.
            return [];
        }
    }

    private static string? HashOf(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(SHA256.HashData(bytes));

    [LoggerMessage(6003, LogLevel.Warning, "Run {RunId} of feed {Feed}: its alias is not as published and was left: {Reason}")]
    private partial void LogLeft(long runId, string feed, string reason);
}
