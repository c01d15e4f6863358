using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Says which records two runs of a feed do not have in common: before a held run is published, above all.</summary>
internal static class DiffCommand
{
    /// <param name="runId">The run that is looked at.</param>
    /// <param name="againstId">The run it is compared with; null for the last published one before it.</param>
    /// <param name="isJson">Print one JSON object.</param>
    /// <param name="isVerbose">Log more.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<int> RunAsync(long runId, long? againstId, bool isJson, bool isVerbose, CancellationToken cancellationToken)
    {
        await using var host = await KnownRuns.OpenAsync(SettingsSource.Read(), isVerbose, customize: null, cancellationToken);
        var run = await KnownRuns.FindAsync(host.Services, runId, cancellationToken);
        var against = againstId is { } id
            ? await KnownRuns.FindAsync(host.Services, id, cancellationToken)
            : await host.Services.GetRequiredService<RunLedger>().FindPublishedBeforeAsync(run, cancellationToken)
                ?? throw new RefusedException($"no run of feed {run.Feed} was published before run {runId}: name the run to compare it with, ./run diff {runId} RUN");
        return WhyNot(run, against) is { } reason ? throw new RefusedException(reason) : await CompareAsync(host.Services, run, against, isJson, cancellationToken);
    }

    private static string? WhyNot(RunView run, RunView against) => (run, against) switch
    {
        _ when run.Feed != against.Feed => $"run {run.Id} is of feed {run.Feed}, but run {against.Id} of feed {against.Feed}: only runs of one feed can be compared",
        _ when Array.Find([run, against], one => !IsMade(one)) is { } unmade => $"run {unmade.Id} is {StateName.Of(unmade.State)} and not all of its chunks are done: only a whole feed can be compared",
        _ => null,
    };

    /// <summary>Whether all of its feed was made. A run that is held for an empty source has no chunks, and that is all.</summary>
    private static bool IsMade(RunView run) => run.ChunkCount is { } chunks ? run.ChunksDone == chunks : run.State == RunState.Held;

    private static async Task<int> CompareAsync(IServiceProvider services, RunView run, RunView against, bool isJson, CancellationToken cancellationToken)
    {
        var feeds = services.GetRequiredService<FeedCatalog>();
        try
        {
            var feed = feeds.Get(run.Feed);
            if (Array.Find([run, against], one => !feeds.IsIn(one.Recipe, feed)) is { } elsewhere)
            {
                throw new RefusedException($"run {elsewhere.Id} was made as {elsewhere.Recipe}, but feed {feed.Key} is configured to be in {feeds.PlaceOf(feed)}: only what is there can be compared");
            }

            var chunks = services.GetRequiredService<ChunkLedger>();
            var difference = await new FeedDiff(feeds.StoreOf(feed), feed.Format.EntityIdPrefix).CompareAsync(
                await ShardsAsync(chunks, against, cancellationToken), await ShardsAsync(chunks, run, cancellationToken), cancellationToken);
            await DifferenceText.WriteAsync(run, against, difference, isJson);
            return CommandLine.Ok;
        }
        catch (FeedFormatException unreadable)
        {
            throw new RefusedException($"runs {run.Id} and {against.Id} cannot be compared: {unreadable.Message}{(unreadable.Code == "shard_missing" ? ". The shards of an unchanged run are removed a day after it is over; any others stay until something else removes them" : "")}");
        }
        catch (FeedRejectedException foreign)
        {
            throw new RefusedException(foreign.Message);
        }
    }

    private static async Task<IReadOnlyList<string>> ShardsAsync(ChunkLedger chunks, RunView run, CancellationToken cancellationToken) =>
        [.. (await chunks.ListAsync(run.Id, cancellationToken)).Select(chunk => chunk.ObjectName).OfType<string>()];
}
