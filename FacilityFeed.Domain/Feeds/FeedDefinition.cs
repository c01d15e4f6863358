using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Domain.Feeds;

/// <summary>One configured product: what is read, how it is cut, and where it goes.</summary>
public sealed record FeedDefinition
{
    /// <summary>The most chunks a run may have, whatever is configured: the fan-out is one transaction.</summary>
    public const int MostChunks = 2000;

    /// <summary>How long after its request a run of a feed that says nothing else, or is configured nowhere, may go on unasked.</summary>
    public static readonly TimeSpan UsualRedriveWithin = TimeSpan.FromDays(1);

    /// <summary>A <see cref="MaxAge"/> that is never exceeded.</summary>
    public static readonly TimeSpan NoMaxAge = Timeout.InfiniteTimeSpan;

    /// <summary>Short key, as in <c>publish facility</c>: lower-case letters, digits, <c>-</c> and <c>_</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The partner's name for the feed, for example <c>reservewithgoogle.entity</c>; begins every object name.</summary>
    public required string Name { get; init; }

    /// <summary>Table or view that is read, with or without its schema.</summary>
    public required string Table { get; init; }

    /// <summary>Rows in a chunk; raised when the table would need more than <see cref="MaxChunks"/> chunks.</summary>
    public required int ChunkSize { get; init; }

    /// <summary>Most chunks in a run, 1 to <see cref="MostChunks"/>; see <see cref="Planning.ChunkLimit"/>.</summary>
    public required int MaxChunks { get; init; }

    /// <summary>How records are written: the partner's form of the feed.</summary>
    public required FeedFormat Format { get; init; }

    /// <summary>How much of the source's disorder is let through.</summary>
    public Validation Validation { get; init; }

    /// <summary>Values that count as none.</summary>
    public Placeholders Placeholders { get; init; } = Placeholders.Usual;

    /// <summary>What a finished run must keep to be published without a person.</summary>
    public GuardRules Guard { get; init; } = new();

    /// <summary>Whether a run whose shards equal the published ones publishes nothing.</summary>
    public bool SkipsUnchanged { get; init; }

    /// <summary>How shards are compressed.</summary>
    public required Compression Compression { get; init; }

    /// <summary>When runs start by themselves: a cron expression with 5 or 6 fields.</summary>
    public required string Cron { get; init; }

    /// <summary>The time zone that <see cref="Cron"/> is read in.</summary>
    public required TimeZoneInfo TimeZone { get; init; }

    /// <summary>How old what was last published or found unchanged may become until the feed is late; null: twice the longest gap of its schedule in the coming year.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>What becomes of a trigger that meets an active run.</summary>
    public Overlap Overlap { get; init; }

    /// <summary>How long after its request a failed run may be redriven, and a held one published, without a further word: the feed would be of data as old. Null: for ever.</summary>
    public TimeSpan? RedriveWithin { get; init; } = UsualRedriveWithin;

    /// <summary>Chunks of this feed that one process works on at a time.</summary>
    public required int Workers { get; init; }

    /// <summary>Name of the store that shards and manifests are written to.</summary>
    public required string Store { get; init; }

    /// <summary>Comes before each object name in the store; empty, or ends with <c>/</c>.</summary>
    public required string Prefix { get; init; }

    /// <summary>The id of this feed's recurring job.</summary>
    public string RecurringJobId => Key;
}
