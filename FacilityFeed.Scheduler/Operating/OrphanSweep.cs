using System.Collections.Concurrent;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>
/// Removes objects that nothing names: shards of attempts that were overtaken or cut off and of runs that changed nothing, manifests of runs that were never published,
/// and marks. Only names that an attempt of ours may have written are touched, of runs that have been over for 24 hours: what else lies
/// there may be another installation's.
/// </summary>
public sealed partial class OrphanSweep(OrphanLedger orphans, ChunkLedger chunks, RunLedger runs, FeedCatalog feeds, Installation installation, ILogger<OrphanSweep> log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>For one feed in a round of a service.</summary>
    public static readonly TimeSpan ServiceLimit = TimeSpan.FromMinutes(5);

    /// <summary>For a command that has given its answer already.</summary>
    public static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(15);

    // A folder whose disk is gone does not come back to be cancelled: its feed is left out until it does.
    private readonly ConcurrentDictionary<string, bool> _busy = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _reported = new(StringComparer.Ordinal);

    /// <summary>One round over all feeds, each by itself. Safe in several services at a time.</summary>
    /// <param name="limit">For each feed.</param>
    /// <param name="cancellationToken">Ends the round.</param>
    public async Task SweepAllAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        foreach (var feed in feeds.All)
        {
            await TrySweepAsync(feed, limit, cancellationToken);
        }
    }

    /// <summary>Sweeps a feed. What goes wrong says nothing about other feeds: it is reported once, and tried again the next time.</summary>
    /// <inheritdoc cref="SweepAllAsync"/>
    public async Task TrySweepAsync(FeedDefinition feed, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TimeLimit.RunAsync(stop => SweepAloneAsync(feed, stop), limit, cancellationToken);
            _reported.TryRemove(feed.Key, out _);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            var why = failure is OverdueException ? $"the store came to no end within {limit.TotalSeconds:0} s" : StateFailure.Explain(failure);
            if (_reported.GetValueOrDefault(feed.Key) != why)
            {
                _reported[feed.Key] = why;
                LogLeft(feed.Key, why);
            }
        }
    }

    private async Task SweepAloneAsync(FeedDefinition feed, CancellationToken cancellationToken)
    {
        if (!_busy.TryAdd(feed.Key, true))
        {
            throw new FeedException("the store has not come back since the last time");
        }

        try
        {
            await SweepAsync(feed, cancellationToken);
        }
        finally
        {
            _busy.TryRemove(feed.Key, out _);
        }
    }

    /// <returns>The names that were removed, in order.</returns>
    public async Task<IReadOnlyList<string>> SweepAsync(FeedDefinition feed, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        FeedRejectedException? refusal = null;
        var ended = await orphans.ListAsync(feed.Key, feeds.PlaceOf(feed), cancellationToken);
        if (ended.Count == 0)
        {
            return removed;
        }

        var store = feeds.StoreOf(feed);
        await store.CheckAsync(cancellationToken);
        // A folder whose disk is not mounted has nothing in it, and its runs would not be looked at again.
        if (!await HasAnyAsync(store, feed.Name, cancellationToken))
        {
            return removed;
        }

        foreach (var run in ended)
        {
            try
            {
                removed.AddRange(await SweepAsync(run, store, cancellationToken));
            }
            catch (FeedRejectedException refused)
            {
                // An object that may not be removed, as one under a legal hold, keeps no later run's from it.
                refusal ??= refused;
            }
        }

        return refusal is null ? removed : throw refusal;
    }

    private async Task<List<string>> SweepAsync(SweepRun run, IFeedStore store, CancellationToken cancellationToken)
    {
        // Listed before the ledger is asked: what a redrive writes from now on has names that are not on the list.
        var stored = await ListAsync(store, ObjectNames.Generation(run.Name, run.GenerationTimestamp), cancellationToken);
        var known = await chunks.ListAsync(run.Id, cancellationToken);
        if (known.Any(chunk => chunk.RunState != run.State))
        {
            // Redriven since it was chosen: what its attempts have stored by now may be what it is about to publish.
            return [];
        }

        var removed = new List<string>();
        if (stored.Count > 0 && await IsOursAsync(run, known, stored, store, cancellationToken))
        {
            foreach (var name in OrphansOf(run, known, await IsInUseAsync(run, store, cancellationToken)).Where(stored.Contains))
            {
                await store.DeleteAsync(name, cancellationToken);
                LogRemoved(run.Id, store.Locate(name));
                removed.Add(name);
            }
        }

        if (removed.Count > 0)
        {
            await runs.AddEventAsync(run.Id, "orphans removed", string.Join(", ", removed.Take(10)) + (removed.Count > 10 ? $" and {removed.Count - 10} more" : ""));
        }

        if (!run.CanGoOn)
        {
            await orphans.SetSweptAsync(run);
        }

        return removed;
    }

    /// <summary>A manifest first, so that none is ever there without its shards; the mark, which claims all names, last.</summary>
    private IEnumerable<string> OrphansOf(SweepRun run, IReadOnlyList<ChunkView> known, bool isInUse)
    {
        if (run.State != RunState.Published && !run.CanGoOn && !isInUse)
        {
            yield return ObjectNames.Manifest(run.Name, run.GenerationTimestamp);
        }

        // What an unchanged run made is the published run's, byte for byte.
        var recorded = run.State == RunState.Unchanged ? [] : known.Select(chunk => chunk.ObjectName).ToHashSet();
        foreach (var name in known.SelectMany(chunk => NamesOf(run, chunk)).Where(name => !recorded.Contains(name)))
        {
            yield return name;
        }

        yield return ObjectNames.Claim(ObjectNames.Generation(run.Name, run.GenerationTimestamp), installation.Id);
    }

    /// <summary>All names that attempts at a chunk may have used; the feed's compression may have been another then.</summary>
    private static IEnumerable<string> NamesOf(SweepRun run, ChunkView chunk) =>
        from attempt in Enumerable.Range(1, chunk.Attempt)
        from compression in Enum.GetValues<Compression>()
        select ObjectNames.Shard(run.Name, run.GenerationTimestamp, chunk.Number, attempt, compression);

    /// <summary>Whether the manifest there, if any, names the shards that this ledger recorded; otherwise it and its shards are another installation's.</summary>
    private static async Task<bool> IsOursAsync(SweepRun run, IReadOnlyList<ChunkView> known, IReadOnlySet<string> stored, IFeedStore store, CancellationToken cancellationToken)
    {
        var name = ObjectNames.Manifest(run.Name, run.GenerationTimestamp);
        if (!stored.Contains(name))
        {
            return true;
        }

        try
        {
            return Manifest.Parse(await SmallContent.ReadAsync(store, name, cancellationToken) ?? []).DataFiles.SequenceEqual(known.Where(chunk => chunk.ObjectName is not null).Select(chunk => chunk.ObjectName!));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether the alias names this run, which a manifest attempt that was overtaken or ended by a person may have left so.</summary>
    private static async Task<bool> IsInUseAsync(SweepRun run, IFeedStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await SmallContent.ReadAsync(store, ObjectNames.Alias, cancellationToken) is { Length: > 0 } alias && Manifest.Parse(alias).GenerationTimestamp == run.GenerationTimestamp;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static async Task<bool> HasAnyAsync(IFeedStore store, string start, CancellationToken cancellationToken)
    {
        await foreach (var _ in store.ListAsync(start, cancellationToken))
        {
            return true;
        }

        return false;
    }

    private static async Task<IReadOnlySet<string>> ListAsync(IFeedStore store, string start, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var name in store.ListAsync(start, cancellationToken))
        {
            names.Add(name);
        }

        return names;
    }

    [LoggerMessage(7003, LogLevel.Warning, "Feed {Feed}: what nothing names was not removed from its store and is tried again, and this is said only once: {Reason}")]
    private partial void LogLeft(string feed, string reason);

    [LoggerMessage(7002, LogLevel.Information, "Run {RunId}: {Name} was removed; no chunk names it, and the run has been over for a day")]
    private partial void LogRemoved(long runId, string name);
}
