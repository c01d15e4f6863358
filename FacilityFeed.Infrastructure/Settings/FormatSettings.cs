using System.Text.RegularExpressions;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Reads a feed's format. Each format asks for its own settings; which formats there are, and what they ask for, is known to them alone.</summary>
internal static partial class FormatSettings
{
    public static (FormatKind Kind, FeedFormat Format) Read(SettingsReader reader)
    {
        var kind = reader.Choice("Type", FeedFormats.All[0], [.. FeedFormats.All.Select(format => (format.Type, format))]);
        var prefix = reader.Parsed("EntityIdPrefix", "", CheckedIdPrefix, "");
        var format = kind.Create(new FormatOptions(prefix, name => reader.IsSet(name) ? reader.Text(name, "") : null, reader.Reject));
        TellSettingsOfOtherFormats(reader, kind);
        return (kind, format);
    }

    private static void TellSettingsOfOtherFormats(SettingsReader reader, FormatKind kind)
    {
        // A type that is no type is told already, and its settings may be right.
        var isKnown = string.Equals(reader.Text("Type", kind.Type), kind.Type, StringComparison.OrdinalIgnoreCase);
        foreach (var (name, types) in SettingsOfOtherFormats(kind).Where(other => reader.IsSet(other.Name) && isKnown))
        {
            reader.Add($"{reader.Describe(name)} is a setting of type {types}, and this feed's type is {kind.Type}: remove it, or set {reader.Describe("Type")}");
        }
    }

    private static IEnumerable<(string Name, string Types)> SettingsOfOtherFormats(FormatKind kind) =>
        from other in FeedFormats.All
        from name in NamesOf(other)
        where !NamesOf(kind).Contains(name)
        group other.Type by name into types
        select (types.Key, string.Join(" or ", types));

    private static HashSet<string> NamesOf(FormatKind kind)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        kind.Create(new FormatOptions("", Nothing, (_, _) => { }));
        return names;

        string? Nothing(string name)
        {
            names.Add(name);
            return null;
        }
    }

    // https://developers.google.com/actions-center/verticals/reservations/redirect/reference/feeds/entity-feed: URL-safe characters.
    private static string CheckedIdPrefix(string prefix) => IdPrefix().IsMatch(prefix)
        ? prefix
        : throw new FormatException($"it comes before the key in each entity_id, so it is up to {FormatOptions.LongestPrefix} letters, digits, '-', '.', '_' and '~'");

    [GeneratedRegex(@"^[A-Za-z0-9._~-]{0,40}\z")]
    private static partial Regex IdPrefix();
}
