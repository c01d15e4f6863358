using FacilityFeed.Domain.Runs;

namespace FacilityFeed.Scheduler.Jobs;

/// <summary>
/// The Hangfire queues of a feed, by its key: its own, so that no feed starves another, and no process without the feed gets its jobs. The
/// first word carries the protocol, for builds that know a lower one must not work on these jobs. A number behind the key would be the
/// earlier build's queue of a feed called <c>KEY-2</c>.
/// </summary>
public static class FeedQueues
{
    /// <summary>For the small jobs: trigger, plan, manifest.</summary>
    public static string Coordination(string key) => $"feed{Protocol.Number}-{key}";

    /// <summary>For the chunks.</summary>
    public static string Chunks(string key) => $"shards{Protocol.Number}-{key}";

    /// <summary>
    /// For the chunks that were taken from a dead or hung worker; the same workers serve it. Hangfire takes waiting jobs in
    /// the order of their queues' names, so these do not wait behind a backlog.
    /// </summary>
    public static string Ahead(string key) => $"ahead{Protocol.Number}-{key}";

    /// <summary>Where builds of protocol 1 put the small jobs. Nothing is put there any more; what lies there is still run.</summary>
    public static string EarlierCoordination(string key) => $"feed-{key}";

    /// <summary>Where builds of protocol 1 put the chunks.</summary>
    public static IReadOnlyList<string> EarlierChunks(string key) => [$"ahead-{key}", $"shards-{key}"];

    /// <summary>All that jobs of a feed may stand in.</summary>
    public static IReadOnlyList<string> All(string key) => [Coordination(key), Chunks(key), Ahead(key), EarlierCoordination(key), .. EarlierChunks(key)];
}
