using System.Text.Json;

namespace FacilityFeed.Domain.Writing;

/// <summary>
/// The partner's rules for a record of the action feed; what an action may be is told by each vertical's page.
/// https://developers.google.com/actions-center/verticals/reservations/redirect/reference/feeds/action-feed
/// </summary>
internal static class ActionRules
{
    private static readonly string[] _kinds = ["appointment_info", "dining_info", "food_ordering_info"];

    public static void Check(JsonElement record, Action<string, string> report)
    {
        RecordRules.OnlyKnown(record, "it", report, "entity_id", "link_id", "url", "actions");
        RecordRules.Text(record, "entity_id", report, isRequired: true);
        RecordRules.Text(record, "link_id", report, isRequired: true);
        RecordRules.Url(record, report, isRequired: true);
        if (!record.TryGetProperty("actions", out var actions))
        {
            report("actions_missing", "actions is required, but is missing");
        }
        else if (actions.ValueKind != JsonValueKind.Array || actions.GetArrayLength() == 0)
        {
            report("actions_type", $"actions must be an array with at least one action, but is {RecordRules.Shown(actions)}");
        }
        else
        {
            foreach (var action in actions.EnumerateArray())
            {
                CheckAction(action, report);
            }
        }
    }

    private static void CheckAction(JsonElement action, Action<string, string> report)
    {
        if (action.ValueKind != JsonValueKind.Object)
        {
            report("action_type", $"an action must be an object, but is {RecordRules.Shown(action)}");
            return;
        }

        RecordRules.OnlyKnown(action, "an action", report, _kinds);
        var count = _kinds.Count(kind => action.TryGetProperty(kind, out _));
        if (count != 1)
        {
            report("action_kind", $"an action must have exactly one of {string.Join(", ", _kinds)}, but has {count}");
        }

        // Some copies of the partner's page put the link into it as well.
        if (RecordRules.Object(action, "appointment_info", report) is { } appointment)
        {
            RecordRules.OnlyKnown(appointment, "appointment_info", report, "url");
            RecordRules.Url(appointment, report);
        }

        CheckEnum(action, "dining_info", "dining_type", report, "TABLE_RESERVATION");
        CheckEnum(action, "food_ordering_info", "service_type", report, "DELIVERY", "TAKEOUT");
    }

    private static void CheckEnum(JsonElement action, string kind, string member, Action<string, string> report, params string[] allowed)
    {
        if (RecordRules.Object(action, kind, report) is not { } info)
        {
            return;
        }

        RecordRules.OnlyKnown(info, kind, report, member);
        if (RecordRules.Text(info, member, report, isRequired: true) is { } value && !allowed.Contains(value))
        {
            report($"{member}_unknown", $"{member} '{ShownValue.Of(value)}' is not {string.Join(" or ", allowed)}");
        }
    }
}
