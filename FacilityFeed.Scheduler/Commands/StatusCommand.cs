using System.Globalization;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Shows the ledger: recent runs, or one run with its chunks and its audit trail.</summary>
internal static class StatusCommand
{
    private const int RecentRuns = 20;

    public static async Task<int> RunAsync(long? runId, bool isVerbose, CancellationToken cancellationToken)
    {
        var settings = SettingsSource.Read();
        if (settings.State.ConnectionString is null && !await EmbeddedPostgres.ExistsAsync(settings.State.DataDirectory, cancellationToken))
        {
            await Console.Out.WriteLineAsync("No run yet: ./run publish FEED makes the first");
            return runId is null ? CommandLine.Ok : CommandLine.Failed;
        }

        await using var host = await FeedHost.BuildAsync(settings, isVerbose, customize: null, cancellationToken);
        return runId is { } id ? await ShowOneAsync(host.Services, id, cancellationToken) : await ShowRecentAsync(host.Services, cancellationToken);
    }

    private static async Task<int> ShowRecentAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await ShowFeedsAsync(services.GetRequiredService<FeedLedger>(), cancellationToken);
        var runs = await services.GetRequiredService<RunLedger>().ListAsync(RecentRuns, cancellationToken);
        await Console.Out.WriteLineAsync(runs.Count == 0 ? "No run yet: ./run publish FEED makes the first" : Row("run", "feed", "state", "requested (UTC)", "chunks", "records", "seconds"));
        foreach (var run in runs)
        {
            await Console.Out.WriteLineAsync(Row(
                Text(run.Id), run.Feed, StateName.Of(run.State), Time(run.RequestedAt), run.ChunkCount is null ? "-" : $"{run.ChunksDone}/{run.ChunkCount}", Count(run.Records), Seconds(run)));
            if (run.Reason is not null)
            {
                await Console.Out.WriteLineAsync($"       {run.Reason}");
            }
        }

        return CommandLine.Ok;
    }

    private static async Task<int> ShowOneAsync(IServiceProvider services, long runId, CancellationToken cancellationToken)
    {
        var ledger = services.GetRequiredService<RunLedger>();
        if (await ledger.FindAsync(runId, cancellationToken) is not { } run)
        {
            await Console.Error.WriteLineAsync($"error: there is no run {runId}: ./run status lists the recent ones");
            return CommandLine.Failed;
        }

        await Console.Out.WriteLineAsync($"run {run.Id} of feed {run.Feed} ({run.Name}), by {run.Origin}: {StateName.Of(run.State)}{(run.Reason is null ? "" : $", {run.Reason}")}");
        await Console.Out.WriteLineAsync($"{run.ChunksDone}/{run.ChunkCount ?? 0} chunks done, {run.ChunksFailed} failed, {run.Shards} shards, {Count(run.Records)} records, {Count(run.Bytes)} bytes, {Seconds(run)} s");
        await Console.Out.WriteLineAsync($"{Count(run.RowsRead)} rows read = {Count(run.Records)} written + {Count(run.Rejected)} rejected; {Count(run.PlannedRows ?? 0)} planned, drift {Count(run.Drift)}");
        foreach (var line in ShapingText.Of(await services.GetRequiredService<RejectLedger>().CountAsync(runId, cancellationToken)))
        {
            await Console.Out.WriteLineAsync(line);
        }

        await Console.Out.WriteLineAsync($"manifest: {run.Manifest ?? "none"}");
        if (run.State == RunState.Held)
        {
            await Console.Out.WriteLineAsync(PublishResult.ForHeld(run));
        }

        await ShowOpenChunksAsync(services.GetRequiredService<ChunkLedger>(), runId, cancellationToken);
        foreach (var (at, what, detail) in await ledger.EventsAsync(runId, cancellationToken))
        {
            await Console.Out.WriteLineAsync($"{Time(at)}  {what}{(detail is null ? "" : $": {detail}")}");
        }

        return CommandLine.Ok;
    }

    /// <summary>What keeps runs from starting, or starts one soon.</summary>
    private static async Task ShowFeedsAsync(FeedLedger feeds, CancellationToken cancellationToken)
    {
        foreach (var pause in await feeds.ListPausesAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync($"feed {pause.Feed} is paused since {Time(pause.PausedAt)} (UTC), by {pause.PausedBy}: ./run resume {pause.Feed}");
        }

        foreach (var pending in await feeds.ListPendingAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync($"feed {pending.Feed}: one more run waits for the end of the active one");
        }
    }

    private static async Task ShowOpenChunksAsync(ChunkLedger chunks, long runId, CancellationToken cancellationToken)
    {
        foreach (var chunk in (await chunks.ListAsync(runId, cancellationToken)).Where(chunk => chunk.State != ChunkState.Done || chunk.Error is not null || chunk.StoreRetries > 0))
        {
            var retries = chunk.StoreRetries > 0 ? $", {chunk.StoreRetries} requests to the store sent twice" : "";
            var error = chunk.Error is null ? "" : $": {chunk.Error}";
            await Console.Out.WriteLineAsync($"chunk {chunk.Number} (ids {chunk.FirstId}-{chunk.LastId}) {StateName.Of(chunk.State)}, attempt {chunk.Attempt}, job {chunk.JobId}{retries}{error}");
        }
    }

    private static string Row(string run, string feed, string state, string requested, string chunks, string records, string seconds) =>
        $"{run,5}  {feed,-20} {state,-11} {requested,-20} {chunks,9} {records,13} {seconds,9}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Seconds(RunView run) => run.Duration?.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";
}
