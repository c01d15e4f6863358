namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Finds in what a person wrote the one number that is certain. Words part numbers and are never digits, but for a vanity number; of
/// several numbers the first is taken, not one that is named a fax; when nobody can say where a digit belongs, there is no number.
/// </summary>
/// <param name="inside">The country of the record; null when the library knows no numbers of it.</param>
internal sealed class NumberFinder(DialledInside? inside)
{
    private const int NorthAmerica = 1;
    private const int LongestExtension = 7;

    private readonly SeveralNumbers _reader = new(inside);

    /// <summary>What was found in <paramref name="text"/>, which is folded.</summary>
    public FoundNumber Find(string text)
    {
        // Digits in an address of the web or of mail are a name's.
        if (text.Contains('@') || text.Contains("://", StringComparison.Ordinal) || text.Contains("www.", StringComparison.Ordinal))
        {
            return default;
        }

        var parts = TelephonePart.Split(text);
        var extension = Extension(parts);
        var called = parts[..extension];
        var reading = First(called);
        if (reading is { Number: null, IsAmbiguous: false })
        {
            reading = new Reading(VanityNumber.Read(Unlabelled(text, parts, extension), inside is { CallingCode: NorthAmerica }));
        }

        Flaw? removed = reading.HasMore ? Flaw.DigitsRemoved : extension < parts.Count ? Flaw.ExtensionRemoved : null;
        return reading.Number is { } number ? new FoundNumber(number, removed) : default;
    }

    private Reading First(List<TelephonePart> parts)
    {
        var numbers = Enumerable.Range(0, parts.Count).Where(at => parts[at].Number is not null).ToList();
        var areNamedBefore = numbers.Count > 0 && parts[..numbers[0]].Exists(part => IsName(part.Word));
        for (var index = 0; index < numbers.Count; index++)
        {
            var at = numbers[index];
            var before = parts[(index == 0 ? 0 : numbers[index - 1] + 1)..at];
            var after = parts[(at + 1)..(index == numbers.Count - 1 ? parts.Count : numbers[index + 1])];
            if (IsFax(areNamedBefore ? before : after) || IsPartOfWord(parts, at) || IsUnsure(parts[at].Number!, before, isFirst: index == 0))
            {
                continue;
            }

            var reading = _reader.Read(parts[at].Number!);
            if (reading.IsAmbiguous || reading.Number is not null)
            {
                return reading with { HasMore = reading.HasMore || numbers.Count > 1 };
            }
        }

        return Reading.None;
    }

    // Without its 0, and with no word that says that a number follows, it may be anything: "Haus 3", "9-17".
    private bool IsUnsure(WrittenNumber number, List<TelephonePart> before, bool isFirst)
    {
        if (inside is not { HasZero: true } || number.HasPlus || number[0].StartsWith('0'))
        {
            return false;
        }

        return before.FindLast(part => part.Word is not null)?.Word is { } word ? !TelephoneWords.IsTelephone(word) : !isFirst;
    }

    private static bool IsName(string? word) => word is not null && (TelephoneWords.IsTelephone(word) || TelephoneWords.IsFax(word));

    private static bool IsFax(List<TelephonePart> names) =>
        names.Exists(part => part.Word is { } word && TelephoneWords.IsFax(word)) && !names.Exists(part => part.Word is { } word && TelephoneWords.IsTelephone(word));

    // "a53055", "1234567b"; but "Tel030" and "512x12".
    private static bool IsPartOfWord(List<TelephonePart> parts, int at) =>
        (parts[at].IsGlued && parts[at - 1].Word is { } before && !IsName(before))
        || (at + 1 < parts.Count && parts[at + 1] is { IsGlued: true, Word: { } after } && !IsName(after));

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

    private static string Unlabelled(string text, List<TelephonePart> parts, int extension)
    {
        var start = 0;
        foreach (var part in parts.TakeWhile(part => part.Number is null && (part.Word is null || TelephoneWords.IsTelephone(part.Word))))
        {
            start = part.Start + (part.Word?.Length ?? 1);
        }

        var end = extension < parts.Count ? parts[extension].Start : text.Length;
        return text[start..end].Trim(' ', '.', ':', '-', ',', '/', TelephoneText.Break);
    }
}
