using System.Text.Json;

namespace FacilityFeed.Domain.Writing;

/// <summary>Looks at one record of a published feed and reports each rule that it breaks: a code, and a sentence.</summary>
public delegate void RecordCheck(JsonElement record, Action<string, string> report);

/// <summary>A format that can be configured.</summary>
/// <param name="Type">What is written in a feed's <c>Type</c> setting.</param>
/// <param name="PartnerName">How the partner calls such a feed; the feed's name unless it is set.</param>
/// <param name="Create">Makes it for one feed.</param>
/// <param name="Check">The partner's rules for a record.</param>
public sealed record FormatKind(string Type, string PartnerName, Func<FormatOptions, FeedFormat> Create, RecordCheck Check);

/// <summary>All formats. A new one is a class beside these, and one line here.</summary>
public static class FeedFormats
{
    /// <summary>The first is the default.</summary>
    public static IReadOnlyList<FormatKind> All { get; } =
    [
        new("facility", EntityFormat.PartnerName, options => new EntityFormat(options), EntityFormat.Check),
        new("action", ActionFormat.PartnerName, options => new ActionFormat(options), ActionFormat.Check),
    ];
}
