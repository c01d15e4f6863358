using System.Globalization;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Domain.Exporting;

/// <summary>The way of one chunk: read, shape, write, store. Memory does not grow with the chunk.</summary>
/// <param name="spoolFolder">Where a shard too large for memory is spooled.</param>
/// <param name="points">Told of the moments at which the tests let the process die.</param>
public sealed class ChunkExporter(string spoolFolder, CrashPoints points)
{
    /// <summary>Makes and stores the shard of one attempt. Leaves nothing visible unless it returns.</summary>
    /// <param name="task">The attempt.</param>
    /// <param name="source">What is read.</param>
    /// <param name="store">Where the shard goes.</param>
    /// <param name="beforeStore">Asked when the shard is made and nothing of it is stored yet; throws when the attempt no longer counts.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="FeedException">Source or store did not answer, or the rows do not add up.</exception>
    /// <exception cref="FeedRejectedException">Source or store refused.</exception>
    public async Task<ChunkOutcome> ExportAsync(ChunkTask task, IFacilitySource source, IFeedStore store, Func<Task> beforeStore, CancellationToken cancellationToken)
    {
        using var spool = new SpoolStream(spoolFolder);
        var made = await WriteRowsAsync(task, source, spool, cancellationToken);
        if (made.Records == 0)
        {
            return made with { JsonBytes = 0 };
        }

        points.Pass(CrashPoint.ShardMade, task.Range.Number);
        await beforeStore();
        var name = ObjectNames.Shard(task.Feed.Name, task.GenerationTimestamp, task.Range.Number, task.Attempt, task.Feed.Compression);
        var shard = await store.CreateAsync(name, Described(task, made.Records, spool.ToContent()), cancellationToken);
        points.Pass(CrashPoint.ShardStored, task.Range.Number);
        return made with { Shard = shard };
    }

    private static void Write(ShardWriter shard, FacilityRow row, ChunkTask task)
    {
        try
        {
            shard.Write(row);
        }
        catch (ArgumentException tooLong)
        {
            throw new FeedRejectedException($"{task}: the row with id {row.Id} has a value too long for JSON ({tooLong.Message}). Shorten it in {task.Feed.Table}", tooLong);
        }
    }

    private static ObjectContent Described(ChunkTask task, long records, ObjectContent shard) => shard with
    {
        ContentType = task.Feed.Compression == Compression.Gzip ? "application/gzip" : "application/json",
        Metadata = new Dictionary<string, string>
        {
            ["run-id"] = task.RunId.ToString(CultureInfo.InvariantCulture),
            ["chunk"] = task.Range.Number.ToString(CultureInfo.InvariantCulture),
            ["attempt"] = task.Attempt.ToString(CultureInfo.InvariantCulture),
            ["records"] = records.ToString(CultureInfo.InvariantCulture),
        },
    };

    private async Task<ChunkOutcome> WriteRowsAsync(ChunkTask task, IFacilitySource source, Stream target, CancellationToken cancellationToken)
    {
        await using var rows = await source.OpenChunkAsync(task.Range, $"run {task.RunId} chunk {task.Range.Number}", cancellationToken);
        using var shard = new ShardWriter(target, task.Feed.Compression, task.Feed.Format);
        var shaper = new FacilityShaper(task.Feed.Validation, task.Feed.Placeholders);
        var tally = new ShapingTally();
        var read = 0L;
        long? previousId = null;

        await foreach (var row in rows.ReadAsync(cancellationToken))
        {
            if (row.Id <= previousId || row.Id < task.Range.FirstId || row.Id > task.Range.LastId)
            {
                throw new FeedException($"{task}: id {row.Id} came after {previousId?.ToString() ?? "nothing"}: ids must rise within the range. Make the ids of {task.Feed.Table} unique.");
            }

            if (previousId is null)
            {
                points.Pass(CrashPoint.ChunkHalfRead, task.Range.Number);
            }

            previousId = row.Id;
            read++;
            if (shaper.TryShape(row, tally))
            {
                Write(shard, row, task);
            }

            Headway.Moved();
        }

        if (read != rows.Count)
        {
            throw new FeedException($"{task}: {Counted.Of(read, "row was", "rows were")} read, but the database counts {Counted.Of(rows.Count, "row")} in the same snapshot. Nothing was stored; the chunk is tried again.");
        }

        if (read != shard.Records + tally.Rejected)
        {
            throw new FeedException($"{task}: {Counted.Of(read, "row was", "rows were")} read, but {Counted.Of(shard.Records, "was", "were")} written and {tally.Rejected:N0} rejected. Nothing was stored; the chunk is tried again.");
        }

        shard.Complete();
        return new ChunkOutcome(read, shard.Records, shard.JsonBytes, tally, Shard: null);
    }
}
