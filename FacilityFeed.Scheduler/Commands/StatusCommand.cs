using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Shows the ledger: the feeds and their recent runs, or one run with its chunks and its audit trail.</summary>
internal static class StatusCommand
{
    private const int RecentRuns = 20;
    private const int MostRows = 20;

    public static async Task<int> RunAsync(long? runId, bool isJson, bool isVerbose, CancellationToken cancellationToken)
    {
        var settings = SettingsSource.Read();
        await using var host = await KnownRuns.OpenAsync(settings, isVerbose, customize: null, cancellationToken);
        if (runId is { } id)
        {
            var one = await RunStatus.ReadAsync(host.Services, id, cancellationToken);
            await WriteAsync(settings.State, isJson ? StatusJson.Of(settings.State.Place, one) : null, Lines(one));
        }
        else
        {
            var all = await ReadAsync(host.Services, cancellationToken);
            await WriteAsync(settings.State, isJson ? StatusJson.Of(settings.State.Place, all.Feeds, all.Runs) : null, [.. all.Feeds.SelectMany(Lines), .. Lines(all.Runs, settings.Feeds.Keys.First())]);
        }

        return CommandLine.Ok;
    }

    private static async Task WriteAsync(StateOptions state, string? json, IEnumerable<string> lines)
    {
        foreach (var line in json is null ? [$"state: {state.Place}", .. lines] : new[] { json })
        {
            await Console.Out.WriteLineAsync(json is null ? PrintedText.InOneLine(line) : line);
        }
    }

    private static async Task<(IReadOnlyList<FeedStatus> Feeds, IReadOnlyList<RunView> Runs)> ReadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var ledger = services.GetRequiredService<FeedLedger>();
        var feeds = FeedStatus.Of(
            [.. services.GetRequiredService<FeedCatalog>().All],
            await ledger.ListPausesAsync(cancellationToken),
            await ledger.ListPendingAsync(cancellationToken),
            await services.GetRequiredService<ScheduleLedger>().ListNewestAsync(cancellationToken),
            [.. services.GetRequiredService<FeedFreshness>().List().Select(feed => feed.Freshness)],
            services.GetRequiredService<TimeProvider>().GetUtcNow());
        return (feeds, await services.GetRequiredService<RunLedger>().ListAsync(RecentRuns, cancellationToken));
    }

    /// <summary>When a feed's schedule starts runs, what keeps it from that, and what starts one soon.</summary>
    private static IEnumerable<string> Lines(FeedStatus feed)
    {
        if (feed.Definition is { } definition)
        {
            yield return $"feed {feed.Key}: '{definition.Cron}', next runs: {FeedCalendar.NextText(definition, feed.AsOf)}";
        }

        foreach (var warning in feed.Warnings)
        {
            yield return $"warning: feed {feed.Key}: {warning}";
        }

        if (feed.Pause is { } pause)
        {
            yield return $"feed {feed.Key} is paused since {Time(pause.PausedAt)} (UTC), by {pause.PausedBy}: ./run resume {feed.Key}";
        }

        if (feed.Freshness is { IsLate: true } late)
        {
            yield return $"feed {feed.Key} is late: {late.Words}";
        }

        if (feed.IsWaiting)
        {
            yield return $"feed {feed.Key}: one more run waits for the end of the active one";
        }

        if (feed.LastDue is { RunId: null } unmade && unmade.Reason != Occurrence.Waits)
        {
            yield return $"feed {feed.Key}: its time {Occurrence.Text(unmade.DueAt)}{(unmade.Count > 1 ? $" and {Counted.Of(unmade.Count - 1, "time")} before it, from {Occurrence.Text(unmade.FirstDueAt)} on," : "")} started no run: {unmade.Reason}";
        }
    }

    private static IEnumerable<string> Lines(IReadOnlyList<RunView> runs, string feed)
    {
        if (runs.Count == 0)
        {
            yield return $"no run yet: ./run publish {feed} makes the first";
            yield break;
        }

        // 80 columns, unless a feed's key is long.
        var widest = runs.Max(run => run.Feed.Length);
        string Row(string run, string feed, string state, string requested, string chunks, string records, string seconds) =>
            $"{run,5}  {feed.PadRight(widest)}  {state,-10}  {requested,-19} {chunks,9} {records,10} {seconds,7}";

        yield return Row("run", "feed", "state", "requested (UTC)", "chunks", "records", "seconds");
        foreach (var run in runs)
        {
            yield return Row(
                run.Id.ToString(CultureInfo.InvariantCulture), run.Feed, StateName.Of(run.State), Time(run.RequestedAt), run.ChunkCount is null ? "-" : $"{run.ChunksDone}/{run.ChunkCount}", Count(run.Records), Seconds(run));
            if (run.Reason is not null)
            {
                yield return $"       {run.Reason}";
            }
        }
    }

    private static IEnumerable<string> Lines(RunStatus status)
    {
        var run = status.Run;
        yield return $"run {run.Id} of feed {run.Feed} ({run.Name}), by {run.Origin}: {StateName.Of(run.State)}{(run.Reason is null ? "" : $", {run.Reason}")}";
        yield return $"{run.ChunksDone}/{Counted.Of(run.ChunkCount ?? 0, "chunk")} done, {run.ChunksFailed} failed, {Counted.Of(run.Shards, "shard")}, {Counted.Of(run.Records, "record")}, {Counted.Of(run.Bytes, "byte")}, {Seconds(run)} s";
        yield return $"{Counted.Of(run.RowsRead, "row")} read = {Count(run.Records)} written + {Count(run.Rejected)} rejected; {Count(run.PlannedRows ?? 0)} planned, drift {Count(run.Drift)}";
        foreach (var line in ShapingText.Of(status.Reasons))
        {
            yield return line;
        }

        yield return $"manifest: {run.Manifest ?? "none"}";
        foreach (var line in ChunkLines(run, status.Chunks))
        {
            yield return line;
        }

        foreach (var (at, what, detail) in status.Events)
        {
            // The last word is the run's own reason, which stands above.
            yield return $"{Time(at)}  {what}{(detail is null || detail == run.Reason ? "" : $": {detail}")}";
        }

        if (status.Excess is { } excess)
        {
            yield return $"old: {excess}";
        }

        foreach (var line in NextSteps.Of(run, alias: null, isOld: status.Excess is not null))
        {
            yield return line;
        }
    }

    /// <summary>The chunks that are not simply done; those of which the same is to be said, together.</summary>
    private static IEnumerable<string> ChunkLines(RunView run, IReadOnlyList<ChunkView> chunks)
    {
        var failures = FailedChunks.Group(chunks.Where(chunk => chunk.State == ChunkState.Failed && chunk.Error is not null).Select(chunk => (chunk.Number, chunk.Error!)));
        var said = failures.Where(failure => run.State == RunState.Failed && run.Reason?.Contains(failure.Reason, StringComparison.Ordinal) == true).SelectMany(failure => failure.Numbers).ToHashSet();
        var open = chunks.Where(chunk => chunk.State != ChunkState.Done || chunk.Error is not null || chunk.StoreRetries > 0);
        foreach (var alike in open.GroupBy(chunk => (chunk.State, chunk.Attempt, chunk.StoreRetries, Kind: FailedChunks.KindOf(chunk.Error ?? ""))))
        {
            var (state, attempt, retries, _) = alike.Key;
            var numbers = alike.Select(chunk => chunk.Number).ToList();
            var first = alike.First();
            var particulars = numbers.Count == 1 ? $" (ids {first.FirstId}-{first.LastId}, job {first.JobId})" : "";
            var sent = retries > 0 ? $", {Counted.Of(retries, "request")} to the store sent twice{(numbers.Count > 1 ? " by each" : "")}" : "";
            var group = FailedChunks.Group(alike.Select(chunk => (chunk.Number, chunk.Error ?? "")))[0];
            var rows = numbers.Count > 1 && group.Rows.Count > 1 ? $", {FailedChunks.RowsText(group.Rows, MostRows)}" : "";
            var error = first.Error is null || said.Contains(first.Number) ? "" : $": {(numbers.Count == 1 ? first.Error : group.Reason)}";
            yield return $"{ChunkNumbers.Of(numbers)}{particulars} {StateName.Of(state)}, attempt {attempt}{sent}{rows}{error}";
        }
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Seconds(RunView run) => run.Duration?.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture) ?? "-";
}
