using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Infrastructure.Reading;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>Looks at a feed's table as a run would: rights, columns, key, rows.</summary>
internal static class SourceExam
{
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(string subject, FeedDefinition feed, IFacilitySource source, SourceOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<Finding> openness = options.IsOpenOnTheWay
            ? [new Finding(Severity.Warning, subject, $"{options.Host} is another machine, and Source:SslMode does not demand TLS: who sits between can read and change all that is read from there. Set it to verify-full; or, where nobody can sit between, name the host in Source:TrustedHosts")]
            : [];
        try
        {
            await source.CheckAsync(cancellationToken);
            await using var keys = await source.OpenKeysAsync(cancellationToken);
            string?[] warnings = [.. keys.Warnings, ChunkLimit.Warning(feed, keys.Count)];
            return
            [
                .. openness,
                .. warnings.OfType<string>().Select(warning => new Finding(Severity.Warning, subject, warning)),
                keys.Count == 0
                    ? new Finding(Severity.Warning, subject, $"{feed.Table} in {options.Identity} has no rows, so a run would be held: an empty feed would delist everybody. Fill it, or check Table and DB_NAME")
                    : new Finding(Severity.Ok, subject, string.Create(CultureInfo.InvariantCulture, $"{feed.Table} in {options.Identity} may be read, with all columns: {Counted.Of(keys.Count, "row")}, ids {keys.FirstId} to {keys.LastId}, each once, in {Counted.Of(Chunks(feed, keys.Count), "chunk")}")),
            ];
        }
        catch (FeedException refused)
        {
            return [.. openness, new Finding(Severity.Error, subject, refused.Message)];
        }
    }

    private static long Chunks(FeedDefinition feed, long rows) => Math.Min((rows + feed.ChunkSize - 1) / feed.ChunkSize, ChunkLimit.Of(feed));
}
