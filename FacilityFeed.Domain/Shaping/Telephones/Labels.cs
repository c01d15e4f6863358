namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>Gives each number of a text the words that belong to it: those before it, or, where none before the first names one, those after it.</summary>
internal static class Labels
{
    // "Fax 1: 030 123456": what counts the numbers is none of them.
    private const int Fewest = 3;

    /// <summary>The labels, one for each number of three digits and more, in order.</summary>
    public static List<NumberLabel> Of(List<TelephonePart> parts)
    {
        var numbers = Enumerable.Range(0, parts.Count).Where(at => parts[at].Number is { } number && number.Digits().Length >= Fewest).ToList();
        var first = parts.FindIndex(part => part.Number is not null);
        var areBefore = numbers.Count > 0 && parts[..numbers[0]].Exists(part => part.Word is { } word && (TelephoneWords.IsKnown(word) || TelephoneWords.IsNeutral(word)));
        return numbers.Select((at, index) =>
        {
            var before = parts[(index == 0 ? 0 : numbers[index - 1] + 1)..at];
            var after = parts[(at + 1)..(index == numbers.Count - 1 ? parts.Count : numbers[index + 1])];
            var nearest = before.FindLast(part => part.Word is not null)?.Word;
            var isNamed = nearest is not null && (TelephoneWords.IsTelephone(nearest) || TelephoneWords.IsNeutral(nearest));
            var names = areBefore ? before : index == numbers.Count - 1 ? after : Own(after);
            return new NumberLabel(
                at, at == first, isNamed, before.Exists(part => IsTelephone(part.Word)), IsMachine(names), IsOther(before), IsStrange: nearest is not null && !isNamed);
        }).ToList();
    }

    // A fax word, and none of a telephone: "Fax-Nr.", "Office fax", and not "Tel/Fax".
    private static bool IsMachine(List<TelephonePart> names) =>
        names.Exists(part => part.Word is { } word && TelephoneWords.IsMachine(word)) && !names.Exists(part => IsTelephone(part.Word));

    // "030 123457 (Fax), Tel. 030 123456": words after a number that is not the last end at a sign, or where the next number's begin.
    private static List<TelephonePart> Own(List<TelephonePart> after)
    {
        var words = after.SkipWhile(part => part.Word is null).TakeWhile(part => part.Word is not null).ToList();
        return words.FindIndex(part => TelephoneWords.IsMachine(part.Word!)) is 0 ? words[..1] : words;
    }

    // "P. IVA", "CVR-nr.", "Kd-Nr.", "License", "ID:"; a word for a telephone after it begins another thought.
    private static bool IsOther(List<TelephonePart> before)
    {
        var at = before.Count - 1;
        for (var hasColon = false; at >= 0 && !(before[at].Word?.Length > 1 && IsTelephone(before[at].Word)); at--)
        {
            hasColon |= before[at].Sign is ':' or '#';
            if (before[at].Word is not null && (TelephoneWords.IsOther(before[at].Word!, hasColon) || TelephoneWords.IsOther(Abbreviation(before, at), hasColon)))
            {
                return true;
            }
        }

        // "Bestell-Nr.", "Store #" are numbers of what nobody knows.
        var number = before.FindLastIndex(part => part.Word is not null || part.Sign == '#');
        return number > 0 && (before[number].Sign == '#' || TelephoneWords.IsNumber(before[number].Word!)) && before[number - 1].Word is { } thing
            && !TelephoneWords.IsTelephone(thing) && !TelephoneWords.IsNeutral(thing) && !TelephoneWords.IsMachine(thing);
    }

    // "C.F.", "P.I.": letters by themselves, up to this one.
    private static string Abbreviation(List<TelephonePart> before, int last)
    {
        var start = last;
        while (start >= 0 && before[start].Word is { Length: 1 })
        {
            start--;
        }

        return string.Concat(before[(start + 1)..(last + 1)].Select(part => part.Word));
    }

    private static bool IsTelephone(string? word) => word is not null && TelephoneWords.IsTelephone(word);
}
