using System.Text.Json;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Domain.Writing;

/// <summary>
/// The action feed: one record of <c>ActionFeed.data</c>, a deep link for each entity.
/// Members: https://developers.google.com/actions-center/verticals/appointments/redirect/reference/feeds/action-feed
/// </summary>
public sealed class ActionFormat(FormatOptions options) : FeedFormat(options)
{
    /// <summary>How the partner calls it.</summary>
    public const string PartnerName = "reservewithgoogle.action.v2";

    /// <inheritdoc/>
    public override string Identity => "action";

    /// <summary>The rules of the action feed for one record.</summary>
    public static void Check(JsonElement record, Action<string, string> report) => ActionRules.Check(record, report);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, FacilityRow row)
    {
        json.WriteStartObject();
        WriteEntityId(json, row.Id);
        json.WriteEndObject();
    }
}
