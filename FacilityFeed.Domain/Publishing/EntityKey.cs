using System.Globalization;

namespace FacilityFeed.Domain.Publishing;

/// <summary>The key of a source row in an <c>entity_id</c>.</summary>
internal static class EntityKey
{
    /// <summary>Reads a key exactly as one is written: no plus, no leading zero, no blank.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long key)
    {
        key = 0;
        var digits = text is ['-', ..] ? text[1..] : text;
        var isWritten = digits is [>= '1' and <= '9', ..] || text is "0";
        return isWritten && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out key);
    }
}
