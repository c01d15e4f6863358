using System.Globalization;
using FacilityFeed.Domain.Runs;

namespace FacilityFeed.Scheduler.Jobs;

/// <summary>
/// The Hangfire queues of a feed, by its key: its own, so that no feed starves another, and no process without the feed gets its jobs. The
/// first word carries the protocol of the run, for builds that know a lower one must not work on these jobs, and those that do know it must
/// be able to, should they be left alone with the run. A number behind the key would be the earlier build's queue of a feed called <c>KEY-2</c>.
/// </summary>
public static class FeedQueues
{
    /// <summary>For the small jobs: trigger, plan, manifest.</summary>
    public static string Coordination(string key, int protocol = Protocol.Number) => Name("feed", key, protocol);

    /// <summary>For the chunks.</summary>
    public static string Chunks(string key, int protocol = Protocol.Number) => Name("shards", key, protocol);

    /// <summary>
    /// For the chunks that were taken from a dead or hung worker; the same workers serve it. Hangfire takes waiting jobs in
    /// the order of their queues' names, so these do not wait behind a backlog.
    /// </summary>
    public static string Ahead(string key, int protocol = Protocol.Number) => Name("ahead", key, protocol);

    /// <summary>The small jobs of what a build of protocol 1 has begun.</summary>
    public static string EarlierCoordination(string key) => Coordination(key, 1);

    /// <summary>The chunks of what a build of protocol 1 has begun.</summary>
    public static IReadOnlyList<string> EarlierChunks(string key) => [Ahead(key, 1), Chunks(key, 1)];

    /// <summary>All that jobs of a feed may stand in.</summary>
    public static IReadOnlyList<string> All(string key) => [Coordination(key), Chunks(key), Ahead(key), EarlierCoordination(key), .. EarlierChunks(key)];

    // The first protocol had no number.
    private static string Name(string kind, string key, int protocol) => protocol == 1 ? $"{kind}-{key}" : string.Create(CultureInfo.InvariantCulture, $"{kind}{protocol}-{key}");
}
