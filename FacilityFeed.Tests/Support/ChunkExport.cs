using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Tests.Support;

/// <summary>One chunk's whole way, from a source into a folder.</summary>
public static class ChunkExport
{
    /// <param name="source">What is read.</param>
    /// <param name="folder">Where store and spool lie.</param>
    /// <param name="range">The chunk.</param>
    /// <param name="compression">As the feed is configured.</param>
    /// <param name="store">The store's folder in <paramref name="folder"/>.</param>
    /// <param name="validation">As the feed is configured.</param>
    public static Task<ChunkOutcome> RunAsync(TestSource source, TempFolder folder, ChunkRange range, Compression compression, string store = "feeds", Validation validation = Validation.Off)
    {
        var feed = new FeedDefinition
        {
            Key = "facility",
            Name = "example.entity",
            Table = "facility",
            ChunkSize = 1000,
            MaxChunks = 1000,
            Format = Rows.Entity,
            Validation = validation,
            Compression = compression,
            Cron = "0 3 * * *",
            TimeZone = TimeZoneInfo.Utc,
            Workers = 1,
            Store = "local",
            Prefix = "",
        };
        var target = new LocalFeedStore(new LocalStoreOptions { Path = folder.File(store), Section = "Stores:local" }, prefix: "", CrashPoints.None);
        return new ChunkExporter(folder.File("spool"), CrashPoints.None).ExportAsync(new ChunkTask(feed, 1, 1_700_000_000, range, 1), source.Source, target, () => Task.CompletedTask, CancellationToken.None);
    }
}
