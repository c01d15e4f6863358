using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>Kinds of characters that the rule for text treats differently from what is printed.</summary>
internal static class UnicodeKinds
{
    /// <summary>White space that ends a line or moves a carriage: it has no place in a name, but parts two words.</summary>
    public static bool IsWhiteSpaceControl(Rune rune) => rune.Value is (>= 0x09 and <= 0x0D) or 0x85 or 0x2028 or 0x2029;

    /// <summary>Whether the rule takes it out: other control characters, controls of the writing direction, marks of a byte order, and what Unicode says is no character.</summary>
    public static bool IsTakenOut(Rune rune) =>
        rune.Value is < 0x20 or (>= 0x7F and <= 0x9F)
            or 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069)
            or 0xFEFF or (>= 0xFDD0 and <= 0xFDEF)
        || (rune.Value & 0xFFFE) == 0xFFFE;

    /// <summary>Whether nothing of it is seen, as of a zero width space.</summary>
    public static bool IsInvisible(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;
}
