using System.Text;

namespace FacilityFeed.Domain.Writing;

/// <summary>What a link lets people do. It is a fact of the partner's business, so nothing is taken for granted.</summary>
/// <param name="Word">As in the setting; ends each <c>link_id</c>.</param>
/// <param name="Actions">The member <c>actions</c>, UTF-8 JSON that is the same in every record.</param>
internal sealed record ActionKind(string Word, byte[] Actions)
{
    /// <summary>Enough bytes for each <see cref="Word"/>.</summary>
    public const int LongestWord = 20;

    // Members: .../verticals/{appointments,reservations,ordering}/redirect/reference/feeds/action-feed
    public static IReadOnlyList<ActionKind> All { get; } =
    [
        Of("appointment", """[{"appointment_info":{}}]"""),
        Of("dining", """[{"dining_info":{"dining_type":"TABLE_RESERVATION"}}]"""),
        Of("food-delivery", """[{"food_ordering_info":{"service_type":"DELIVERY"}}]"""),
        Of("food-takeout", """[{"food_ordering_info":{"service_type":"TAKEOUT"}}]"""),
    ];

    /// <exception cref="FormatException">There is no such kind; the message tells those there are.</exception>
    public static ActionKind Parse(string word) => All.FirstOrDefault(kind => string.Equals(kind.Word, word, StringComparison.OrdinalIgnoreCase))
        ?? throw new FormatException($"{(word.Length == 0 ? "say what the links let people do:" : "it must be")} one of {string.Join(", ", All.Select(kind => kind.Word))}");

    private static ActionKind Of(string word, string actions) => new(word, Encoding.UTF8.GetBytes(actions));
}
