using System.Text.RegularExpressions;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Finds in what a person wrote the one number that is certain. Words part numbers and are never digits, but for a vanity number; of
/// several numbers the first is taken, not one that is named a fax or another thing; when nobody can say where a digit belongs, there is no number.
/// </summary>
/// <param name="inside">The country of the record; null when the library knows no numbers of it.</param>
internal sealed partial class NumberFinder(DialledInside? inside)
{
    private const int NorthAmerica = 1;
    private const int LongestExtension = 7;

    private readonly SeveralNumbers _reader = new(inside);

    /// <summary>What was found.</summary>
    /// <param name="text">Folded.</param>
    /// <param name="isInCapitals">Whether it had no small letter of ASCII before.</param>
    public FoundNumber Find(string text, bool isInCapitals)
    {
        // Digits in an address of the web or of mail are a name's.
        if (text.Contains('@') || text.Contains("://", StringComparison.Ordinal) || text.Contains("www.", StringComparison.Ordinal))
        {
            return default;
        }

        text = inside is { Region: "BR" } ? Carrier().Replace(text, "") : text;
        var parts = TelephonePart.Split(text);
        var extension = Extension(parts);
        var called = parts[..extension];
        var reading = First(called);
        if (reading is { Number: null, IsAmbiguous: false })
        {
            reading = new Reading(VanityNumber.Read(Unlabelled(text, parts, extension), inside is { CallingCode: NorthAmerica }, isInCapitals));
        }

        Flaw? removed = reading.HasMore ? Flaw.DigitsRemoved : extension < parts.Count ? Flaw.ExtensionRemoved : null;
        return reading.Number is { } number ? new FoundNumber(number, removed) : default;
    }

    private Reading First(List<TelephonePart> parts)
    {
        var labels = Labels.Of(parts);
        var named = labels.Exists(label => label.IsTelephone) && labels.Exists(label => label.IsStrange) ? labels.FindAll(label => !label.IsStrange) : [];

        // "Bob 0664 1234567, Tel. 030 123456": what is called a telephone before what only stands beside a name.
        foreach (var label in named.Concat(labels))
        {
            var written = parts[label.At].Number!;
            if (label.IsMachine || IsPartOfWord(parts, label.At) || (label.IsOther && !written.HasPlus) || IsUnsure(written, label))
            {
                continue;
            }

            var reading = _reader.Read(written, IsBeforeWord(parts, label.At));
            if (reading.IsAmbiguous || reading.Number is not null)
            {
                return reading with { HasMore = reading.HasMore || parts.FindAll(part => part.Number is not null).Count > 1 };
            }
        }

        return Reading.None;
    }

    // Without its 0, and with no word that says that a number follows, it may be anything: "Haus 3", "9-17".
    private bool IsUnsure(WrittenNumber number, NumberLabel label) =>
        inside is { HasZero: true } && !number.HasPlus && !number[0].StartsWith('0') && (label.IsStrange || label is { IsFirst: false, IsNamed: false });

    // "14 Tage", and not "14 (Eva)".
    private static bool IsBeforeWord(List<TelephonePart> parts, int at) =>
        at + 1 < parts.Count && parts[at + 1] is { Word: { } word, IsAfterSpace: true } && !TelephoneWords.IsKnown(word);

    // "a53055", "1234567b"; but "Tel030" and "512x12".
    private static bool IsPartOfWord(List<TelephonePart> parts, int at) =>
        (parts[at].IsGlued && parts[at - 1].Word is { } before && !IsName(before))
        || (at + 1 < parts.Count && parts[at + 1] is { IsGlued: true, Word: { } after } && !IsNameAfter(after, parts[at].Number!));

    private static bool IsName(string word) => TelephoneWords.IsTelephone(word) || TelephoneWords.IsNeutral(word) || TelephoneWords.IsMachine(word);

    // "512-735-9343c" is a cell phone's, "9h" and "24h" hours.
    private static bool IsNameAfter(string word, WrittenNumber number) => IsName(word) && (word.Length > 1 || number[number.Count - 1].Length > 2);

    // Where an extension begins: a word or # that says so after a number, with the last digits of all.
    private static int Extension(List<TelephonePart> parts)
    {
        var last = parts.FindLastIndex(part => part.Number is not null);
        if (last < 0 || parts[last].Number is not { HasPlus: false } number || number.Digits().Length > LongestExtension)
        {
            return parts.Count;
        }

        var named = last - 1;
        while (named >= 0 && parts[named] is { Word: null, Sign: not '#' and not default(char) })
        {
            named--;
        }

        var isNamed = named > 0 && (parts[named].Sign == '#' || (parts[named].Word is { } word && TelephoneWords.IsExtension(word)));
        return isNamed && parts[..named].Exists(part => part.Number is not null) ? named : parts.Count;
    }

    // "0xx11", "(0**11)", whose asterisks are folded: in Brazil the place of the carrier's two digits, before the area code.
    [GeneratedRegex(@"(?<=^[^0-9]*(?:55[ )-]*)?)(?<!\p{L})[(]?(?:(?:0[ (-]*)?xx|0[ (-]*[|]{2})[ )-]*(?=[(]?[1-9][0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Carrier();

    private static string Unlabelled(string text, List<TelephonePart> parts, int extension)
    {
        var start = 0;
        foreach (var part in parts.TakeWhile(part => part.Number is null && (part.Word is null || TelephoneWords.IsTelephone(part.Word) || TelephoneWords.IsNeutral(part.Word))))
        {
            start = part.Start + (part.Word?.Length ?? 1);
        }

        var end = extension < parts.Count ? parts[extension].Start : text.Length;
        return text[start..end].Trim(' ', '.', ':', '-', ',', '/', TelephoneText.Break);
    }
}
