using System.Collections.Frozen;
using System.Text;
using System.Text.Unicode;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Values that stand for none: "N/A", "null", "TBD", an error of a spreadsheet in whatever language; any text in which there is nothing to read,
/// such as "---"; and several of them in one value ("N/A - N/A"). Always the whole value, upper and lower case the same, punctuation around it
/// left aside ("(null)" and "TBD." are "null" and "TBD"), and characters of which nothing is seen and full-width forms too.
/// </summary>
/// <remarks>
/// On the list is only what is no facility's, street's or town's own name. Not on it, for they are real: NA (the province of Naples), Nan in
/// small letters or capitals (a city in Thailand), None (a town in Piedmont), Nil, S/N (an address without a number). Where no town can be
/// meant, in a name and a street, "none" in any case and "nan" in small letters are what Python and people write; Nan and NAN are restaurants.
/// </remarks>
public sealed class Placeholders : IEquatable<Placeholders>
{
    /// <summary>Longest value on a list, in UTF-16 units.</summary>
    public const int Longest = 60;

    /// <summary>Before a value that is to be taken off the list.</summary>
    public const char Off = '!';

    // Python and JavaScript write it so, and nobody the name of the city.
    private const string NotANumber = "NaN";

    private const string None = "none";

    // A UTF-16 unit is at most three bytes.
    private const int LongestUtf8 = Longest * 3;

    // By the first and by the last byte: which lengths, in bytes and up to 63 and more, values on the list have. They spare nearly all values the look-up.
    private readonly ulong[] _lengthsByFirst = new ulong[256];
    private readonly ulong[] _lengthsByLast = new ulong[256];
    private readonly FrozenSet<string> _listed;
    private readonly FrozenSet<string> _kept;
    private readonly bool _isNotANumberNamed;
    private readonly bool _isNotANumberOff;
    private readonly bool _isNoneOff;

    /// <summary>The shipped list, and what a feed names.</summary>
    /// <param name="named">Further values, and with <see cref="Off"/> before them those that are none.</param>
    public Placeholders(params IEnumerable<string> named)
    {
        var all = named.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        var off = all.Where(value => value.StartsWith(Off)).Select(value => value[1..]).ToList();
        var on = all.Where(value => !value.StartsWith(Off)).ToList();
        _kept = off.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _listed = Shipped.Concat(on).Except(off, StringComparer.OrdinalIgnoreCase).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _isNotANumberNamed = on.Contains(NotANumber, StringComparer.OrdinalIgnoreCase);
        _isNotANumberOff = _kept.Contains(NotANumber);
        _isNoneOff = _kept.Contains(None);
        Named = string.Join(' ', all.Select(value => $"'{value.ToLowerInvariant()}'"));
        foreach (var value in _listed)
        {
            Note(value);
        }
    }

    /// <summary>What is on the list of every feed.</summary>
    public static IReadOnlyList<string> Shipped { get; } =
    [
        "null", "undefined", NotANumber, "nullnull", "undefinednull",
        "\\N", "<NA>", "#NA", "<nil>", "<none>", "(none)", "[none]", "-none-", "--none--", "<empty>", "(empty)", "(blank)", "[object Object]",
        "n/a", "n / a", "n\\a", "n.a", "n. a", "not available", "not applicable", "not specified", "not provided", "unknown",
        "tbd", "t.b.d", "tba", "t.b.a", "tbc", "t.b.c", "to be determined", "to be announced", "to be confirmed",
        "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#ERROR!", "#GETTING_DATA",
        "#WERT!", "#BEZUG!", "#ZAHL!", "#NV", "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", "#¡VALOR!", "#¡REF!", "#¿NOMBRE?", "#¡NUM!", "#¡NULO!", "#¡DIV/0!", "#N/D",
        "#VALORE!", "#RIF!", "#NOME?", "#NULLO!", "#VALOR!", "#NÚM!", "#NULO!", "#WAARDE!", "#VERW!", "#NAAM?", "#GETAL!", "#LEEG!", "#DEEL/0!", "#N/B",
        "#YOK", "#HIÁNYZIK", "#NENÍ_K_DISPOZICI", "#NB",
    ];

    /// <summary>The shipped list alone.</summary>
    public static Placeholders Usual { get; } = new();

    /// <summary>What a feed named, in one line and in one order; empty when it named nothing.</summary>
    public string Named { get; }

    /// <summary>Whether <paramref name="text"/>, in UTF-8, is one. An empty text is none.</summary>
    /// <param name="text">As <see cref="TextRule"/> left it.</param>
    /// <param name="field">Where it stands: a name and a street are not called what a town is.</param>
    public bool Contains(ReadOnlySpan<byte> text, FacilityField? field = null)
    {
        if (text.IsEmpty || BeginsAsNone(text))
        {
            return false;
        }

        var isTown = field is not (FacilityField.Name or FacilityField.StreetAddress);
        return IsOne(text, isTown) ? !IsIn(_kept, text) : text.Length <= LongestUtf8 && WrittenForm.MayChange(text) && IsOneFolded(text, isTown);
    }

    /// <inheritdoc/>
    public bool Equals(Placeholders? other) => other?.Named == Named;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Placeholders);

    /// <inheritdoc/>
    public override int GetHashCode() => Named.GetHashCode(StringComparison.Ordinal);

    private static ReadOnlySpan<byte> WithoutEnds(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && !char.IsAsciiLetterOrDigit((char)text[0]))
        {
            _ = Rune.DecodeFromUtf8(text, out var first, out var consumed);
            if (UnicodeKinds.IsReadable(first))
            {
                break;
            }

            text = text[consumed..];
        }

        while (!text.IsEmpty && !char.IsAsciiLetterOrDigit((char)text[^1]))
        {
            _ = Rune.DecodeLastFromUtf8(text, out var last, out var consumed);
            if (UnicodeKinds.IsReadable(last))
            {
                break;
            }

            text = text[..^consumed];
        }

        return text;
    }

    private static bool IsReadable(ReadOnlySpan<byte> text) => !WithoutEnds(text).IsEmpty;

    private static bool IsIn(FrozenSet<string> values, ReadOnlySpan<byte> text)
    {
        if (values.Count == 0 || text.Length > LongestUtf8)
        {
            return false;
        }

        Span<char> value = stackalloc char[LongestUtf8];
        _ = Utf8.ToUtf16(text, value, out _, out var length);
        return values.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value[..length]);
    }

    private bool IsOneFolded(ReadOnlySpan<byte> text, bool isTown)
    {
        Span<byte> room = stackalloc byte[LongestUtf8];
        var folded = WrittenForm.Folded(text, room);
        return folded.Length is > 0 and var length && length < text.Length && IsOne(folded, isTown) && !IsIn(_kept, folded);
    }

    private bool IsOne(ReadOnlySpan<byte> text, bool isTown) => IsSingle(text, isTown) || AreSeveral(text, isTown);

    private bool IsSingle(ReadOnlySpan<byte> text, bool isTown)
    {
        // Most values begin and end so.
        if (char.IsAsciiLetterOrDigit((char)text[0]) && char.IsAsciiLetterOrDigit((char)text[^1]))
        {
            return IsWord(text, isTown);
        }

        var core = WithoutEnds(text);
        return core.IsEmpty || (MayBeListed(text) && IsListed(text)) || IsWord(core, isTown) || SpreadsheetError.Is(text);
    }

    private bool IsWord(ReadOnlySpan<byte> text, bool isTown) =>
        (MayBeListed(text) && IsListed(text)) || SpreadsheetError.IsNumbered(text) || (!isTown && text.Length is 3 or 4 && IsNobodysName(text));

    private bool IsNobodysName(ReadOnlySpan<byte> text) =>
        (text.SequenceEqual("nan"u8) && !_isNotANumberOff) || (Ascii.EqualsIgnoreCase(text, "none"u8) && !_isNoneOff);

    // One behind the other, with what is not read between them: "null/null", "N/A - N/A".
    private bool AreSeveral(ReadOnlySpan<byte> text, bool isTown)
    {
        text = text.Length <= LongestUtf8 && MayBeginAndEnd(text) ? text : default;
        for (var at = 1; at < text.Length; at++)
        {
            if (!char.IsAsciiLetterOrDigit((char)text[at]) && IsReadable(text[..at]) && IsSingle(text[..at], isTown))
            {
                var rest = text[at..].TrimStart(" ,;:/|&+-.)]}>\"'"u8);
                return !rest.IsEmpty && IsOne(rest, isTown);
            }
        }

        return false;
    }

    // By the first and the last byte, which spares nearly all values the parting.
    private bool MayBeginAndEnd(ReadOnlySpan<byte> text)
    {
        var core = WithoutEnds(text);
        return !core.IsEmpty && (_lengthsByFirst[text[0]] | _lengthsByFirst[core[0]]) != 0 && (_lengthsByLast[text[^1]] | _lengthsByLast[core[^1]]) != 0;
    }

    // By the first letter or digit, which spares nearly all values everything else: nothing on the list, and no error of a spreadsheet, begins so.
    private bool BeginsAsNone(ReadOnlySpan<byte> text)
    {
        var first = text[0] == '+' && _lengthsByFirst['+'] == 0 && text.Length > 1 ? text[1] : text[0];
        return char.IsAsciiLetterOrDigit((char)first) && _lengthsByFirst[first] == 0 && (first | 0x20) != 'e';
    }

    private bool MayBeListed(ReadOnlySpan<byte> text) => (_lengthsByFirst[text[0]] & _lengthsByLast[text[^1]] & (1UL << Math.Min(text.Length, 63))) != 0;

    private bool IsListed(ReadOnlySpan<byte> text) => IsIn(_listed, text)
        && (_isNotANumberNamed || text.SequenceEqual("NaN"u8) || !Ascii.EqualsIgnoreCase(text, "NaN"u8));

    private void Note(string value)
    {
        foreach (var variant in (string[])[value.ToUpperInvariant(), value.ToLowerInvariant()])
        {
            // Beyond ASCII the lengths of a letter and its capital may differ.
            var utf8 = Encoding.UTF8.GetBytes(variant);
            var lengths = Ascii.IsValid(utf8) ? 1UL << Math.Min(utf8.Length, 63) : ulong.MaxValue;
            _lengthsByFirst[utf8[0]] |= lengths;
            _lengthsByLast[utf8[^1]] |= lengths;
        }
    }
}
