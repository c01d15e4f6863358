namespace FacilityFeed.Domain.Publishing;

/// <summary>One thing that a verification found. Nothing in it is fit to upset a terminal.</summary>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Code">What it is, for programs: <c>shard_missing</c>, <c>record_rule:name_missing</c>.</param>
/// <param name="About">Name of the manifest or shard it is about.</param>
/// <param name="Message">The same for people; names the object.</param>
public sealed record FeedFinding(FindingSeverity Severity, string Code, string About, string Message)
{
    /// <summary>Which record of the shard, from 1; null when it is about none.</summary>
    public long? Record { get; init; }

    /// <summary>Its id, when it has one.</summary>
    public string? EntityId { get; init; }
}
