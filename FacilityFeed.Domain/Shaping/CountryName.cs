using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Folds a country's name to what two ways of writing it have in common: capitals A to Z without accents, spaces, punctuation and "the".
/// "Côte d’Ivoire" and "COTE DIVOIRE" are the same, "U.S.A." and "usa", "Gambia (the)" and "The Gambia" too.
/// </summary>
internal static class CountryName
{
    /// <summary>Longest folded name; a longer one is no country's.</summary>
    public const int LongestKey = 64;

    // The Latin letters that meet us in names of countries. A table, because the runtime takes accents off only with the machine's language data.
    private static readonly Dictionary<int, string> _plain = Table(
        ("A", "ÀÁÂÃÄÅĀĂĄàáâãäåāăąǍǎẠạẢảẤấẦầ"), ("AE", "Ææ"), ("C", "ÇĆĈĊČçćĉċč"), ("D", "ĎĐÐďđð"), ("E", "ÈÉÊËĒĔĖĘĚèéêëēĕėęěẸẹẾếỆệ"), ("G", "ĜĞĠĢĝğġģ"),
        ("H", "ĤĦĥħ"), ("I", "ÌÍÎÏĨĪĬĮİìíîïĩīĭįı"), ("J", "Ĵĵ"), ("K", "Ķķ"), ("L", "ĹĻĽĿŁĺļľŀł"), ("N", "ÑŃŅŇñńņň"), ("O", "ÒÓÔÕÖØŌŎŐòóôõöøōŏőỌọỐố"),
        ("OE", "Œœ"), ("R", "ŔŖŘŕŗř"), ("S", "ŚŜŞŠȘśŝşšș"), ("SS", "ẞß"), ("T", "ŢŤŦȚţťŧț"), ("U", "ÙÚÛÜŨŪŬŮŰŲùúûüũūŭůűų"), ("W", "Ŵŵ"), ("Y", "ÝŶŸýŷÿ"), ("Z", "ŹŻŽźżž"));

    // A file's own, and a writer's in English, German, French and their neighbours.
    private static readonly (string Open, string Close)[] _quotes = [("\"", "\""), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("’", "’"), ("”", "”"), ("„", "“"), ("„", "”"), ("‚", "‘"), ("«", "»"), ("»", "«")];

    /// <summary>Takes off the pair of quotes around a value.</summary>
    public static ReadOnlySpan<byte> WithoutQuotes(ReadOnlySpan<byte> written)
    {
        if (written.Length < 3 || char.IsAsciiLetterOrDigit((char)written[0]))
        {
            return written;
        }

        var text = Encoding.UTF8.GetString(written);
        return Array.Exists(_quotes, quotes => text.Length > 2 && text.StartsWith(quotes.Open, StringComparison.Ordinal) && text.EndsWith(quotes.Close, StringComparison.Ordinal))
            ? Encoding.UTF8.GetBytes(text[1..^1].Trim())
            : written;
    }

    /// <summary>Whether it may be an abbreviation of letters: other signs stand between words that were shortened (U/K is "unknown") or say doubt (UK?).</summary>
    public static bool HasOnlyLettersDotsSpaces(ReadOnlySpan<byte> written)
    {
        foreach (var rune in Encoding.UTF8.GetString(written).EnumerateRunes())
        {
            if (!(rune.IsAscii && char.IsAsciiLetter((char)rune.Value)) && rune.Value != '.' && !UnicodeKinds.IsInvisible(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Folds <paramref name="name"/>, which must not be longer than a country's.</summary>
    public static string Fold(string name)
    {
        Span<char> key = stackalloc char[LongestKey];
        return TryFold(Encoding.UTF8.GetBytes(name), key, out var length)
            ? new string(key[..length])
            : throw new ArgumentException($"'{name}' cannot be the name of a country: only Latin letters, and at most {LongestKey} of them.", nameof(name));
    }

    /// <summary>Reads what is written as a code, in capitals, into <paramref name="key"/>; characters of which nothing is seen are passed over.</summary>
    /// <returns>False when it is anything but two or three letters A to Z.</returns>
    public static bool TryReadCode(ReadOnlySpan<byte> written, Span<char> key, out int length)
    {
        length = 0;
        while (!written.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(written, out var rune, out var consumed);
            written = written[consumed..];
            if (rune.IsAscii && char.IsAsciiLetter((char)rune.Value) && length < 3)
            {
                key[length++] = char.ToUpperInvariant((char)rune.Value);
            }
            else if (Rune.IsWhiteSpace(rune) || !UnicodeKinds.IsInvisible(rune))
            {
                return false;
            }
        }

        return length >= 2;
    }

    /// <summary>Folds a name in UTF-8 into <paramref name="key"/>.</summary>
    /// <returns>False when it holds something that no country's name holds.</returns>
    public static bool TryFold(ReadOnlySpan<byte> name, Span<char> key, out int length)
    {
        length = 0;
        var word = 0;
        while (!name.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(name, out var rune, out var consumed);
            name = name[consumed..];
            var before = length;
            if (!TryFold(rune, key, ref length))
            {
                return false;
            }

            if (length == before)
            {
                word = length = WithoutArticle(key[..length], word);
            }
        }

        length = WithoutArticle(key[..length], word);
        return true;
    }

    private static int WithoutArticle(ReadOnlySpan<char> key, int word) => key[word..] is "THE" ? word : key.Length;

    private static bool TryFold(Rune rune, Span<char> key, ref int length)
    {
        if (rune.Value is >= 'A' and <= 'Z' or >= 'a' and <= 'z')
        {
            return TryAppend((char)(rune.Value & ~0x20), key, ref length);
        }

        if (rune.Value == '&')
        {
            return TryAppend("AND", key, ref length);
        }

        if (_plain.TryGetValue(rune.Value, out var plain))
        {
            return TryAppend(plain, key, ref length);
        }

        // What is left carries no meaning here (spaces, punctuation, accents on their own), except letters and digits.
        return !Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.ModifierLetter;
    }

    private static bool TryAppend(char letter, Span<char> key, ref int length)
    {
        if (length == key.Length)
        {
            return false;
        }

        key[length++] = letter;
        return true;
    }

    private static bool TryAppend(ReadOnlySpan<char> letters, Span<char> key, ref int length)
    {
        if (!letters.TryCopyTo(key[length..]))
        {
            return false;
        }

        length += letters.Length;
        return true;
    }

    private static Dictionary<int, string> Table(params (string Plain, string Letters)[] rows) =>
        rows.SelectMany(row => row.Letters, (row, letter) => (Letter: (int)letter, row.Plain)).ToDictionary(entry => entry.Letter, entry => entry.Plain);
}
