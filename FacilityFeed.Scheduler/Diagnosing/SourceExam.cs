using System.Globalization;
using System.Runtime.CompilerServices;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>Looks at a feed's table as a run would: rights, columns, key, rows.</summary>
internal static class SourceExam
{
    public static async IAsyncEnumerable<Finding> ExamineAsync(FeedDefinition feed, IFacilitySource source, string where, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var subject = $"source of feed {feed.Key}";
        IKeySnapshot? keys = null;
        Finding? failure = null;
        try
        {
            await source.CheckAsync(cancellationToken);
            keys = await source.OpenKeysAsync(cancellationToken);
        }
        catch (FeedException refused)
        {
            failure = new Finding(Severity.Error, subject, refused.Message);
        }

        if (failure is not null)
        {
            yield return failure;
            yield break;
        }

        await using var snapshot = keys!;
        foreach (var warning in snapshot.Warnings)
        {
            yield return new Finding(Severity.Warning, subject, warning);
        }

        yield return snapshot.Count == 0
            ? new Finding(Severity.Warning, subject, $"{feed.Table} in {where} has no rows, so a run would be held: an empty feed would delist everybody. Fill it, or check Table and DB_NAME")
            : new Finding(Severity.Ok, subject, string.Create(CultureInfo.InvariantCulture, $"{feed.Table} in {where} may be read, with all columns: {Counted.Of(snapshot.Count, "row")}, ids {snapshot.FirstId} to {snapshot.LastId}, each once, in {Counted.Of(Chunks(feed, snapshot.Count), "chunk")}"));
    }

    private static long Chunks(FeedDefinition feed, long rows) => Math.Min((rows + feed.ChunkSize - 1) / feed.ChunkSize, feed.MaxChunks);
}
