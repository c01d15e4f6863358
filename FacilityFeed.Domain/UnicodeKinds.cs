using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain;

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

    /// <summary>Whether nothing of it is seen, as of a zero width space, a Hangul filler or a blank of braille (U+2800) or of music (U+1D159).</summary>
    public static bool IsInvisible(Rune rune) =>
        Rune.IsWhiteSpace(rune) || IsDefaultIgnorable(rune) || rune.Value is 0x2800 or 0x1D159 || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    /// <summary>
    /// Whether it says something by itself: a letter, a number, a sign such as an emoji, or what we do not know. Not punctuation, mathematical
    /// and currency signs, accents and length marks without a letter, and the signs that stand for a character or an object that was lost.
    /// </summary>
    public static bool IsReadable(Rune rune) => rune.IsAscii ? Rune.IsLetterOrDigit(rune) : !IsInvisible(rune) && rune.Value is not (0xFFFC or 0xFFFD) && Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
            or UnicodeCategory.OtherSymbol or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    // Default_Ignorable_Code_Point of the Unicode Standard, unassigned ones included: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
    private static bool IsDefaultIgnorable(Rune rune) => rune.Value >= 0xAD && rune.Value
        is 0x00AD or 0x034F or 0x061C or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
            or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F)
            or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8)
            or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);
}
