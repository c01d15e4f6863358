using System.Text;
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

    private static readonly JsonEncodedText _linkId = JsonEncodedText.Encode("link_id");
    private static readonly JsonEncodedText _url = JsonEncodedText.Encode("url");
    private static readonly JsonEncodedText _actions = JsonEncodedText.Encode("actions");

    private readonly UrlTemplate _template = options.Parsed("UrlTemplate", text => UrlTemplate.Parse(text, options.EntityIdPrefix), UrlTemplate.StandIn);
    private readonly ActionKind _kind = options.Parsed("ActionKind", ActionKind.Parse, ActionKind.All[0]);

    /// <inheritdoc/>
    public override string Identity => $"action {_kind.Word} at {_template.Text}";

    /// <summary>The rules of the action feed for one record.</summary>
    public static void Check(JsonElement record, Action<string, string> report) => ActionRules.Check(record, report);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, FacilityRow row)
    {
        Span<byte> linkId = stackalloc byte[FormatOptions.LongestEntityId + 1 + ActionKind.LongestWord];
        Span<byte> url = stackalloc byte[_template.MostBytes];
        var length = FormatEntityId(linkId, row.Id);
        var urlLength = _template.Fill(url, linkId[EntityIdPrefix.Length..length]);
        linkId[length++] = (byte)'-';
        length += Encoding.ASCII.GetBytes(_kind.Word, linkId[length..]);

        json.WriteStartObject();
        WriteEntityId(json, row.Id);
        json.WriteString(_linkId, linkId[..length]);
        json.WriteString(_url, url[..urlLength]);
        json.WritePropertyName(_actions);
        json.WriteRawValue(_kind.Actions, skipInputValidation: true);
        json.WriteEndObject();
    }
}
