namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>
/// Normalization form C (https://www.unicode.org/reports/tr15/) of the characters that are valid in hosts: what can be written as a letter
/// and its marks, or as one character, becomes the one character.
/// </summary>
public static class Normalization
{
    // Hangul is composed by arithmetic: The Unicode Standard, section 3.12.
    private const int Leading = 0x1100;
    private const int Vowel = 0x1161;
    private const int Trailing = 0x11A7;
    private const int Syllable = 0xAC00;
    private const int Leadings = 19;
    private const int Vowels = 21;
    private const int Trailings = 28;

    /// <summary>The form of <paramref name="text"/>, all of whose code points are valid in hosts.</summary>
    public static List<int> Compose(IEnumerable<int> text)
    {
        var composed = new List<int>();
        var starter = -1;
        var before = 0;
        foreach (var next in Ordered(text))
        {
            // A mark of the same or a higher class between them keeps a mark from its letter, and anything at all keeps two letters apart.
            var combining = ClassOf(next);
            var isNext = composed.Count - 1 == starter;
            if (starter >= 0 && (isNext || (before < combining && before != 0)) && Pair(composed[starter], next) is { } one)
            {
                composed[starter] = one;
                continue;
            }

            starter = combining == 0 ? composed.Count : starter;
            before = combining;
            composed.Add(next);
        }

        return composed;
    }

    private static List<int> Ordered(IEnumerable<int> text)
    {
        var ordered = new List<int>();
        foreach (var part in text.SelectMany(Decomposed))
        {
            var at = ordered.Count;
            var combining = ClassOf(part);
            while (combining > 0 && at > 0 && ClassOf(ordered[at - 1]) > combining)
            {
                at--;
            }

            ordered.Insert(at, part);
        }

        return ordered;
    }

    private static IEnumerable<int> Decomposed(int point)
    {
        var syllable = point - Syllable;
        if (syllable is >= 0 and < Leadings * Vowels * Trailings)
        {
            int[] parts = [Leading + (syllable / (Vowels * Trailings)), Vowel + (syllable / Trailings % Vowels), Trailing + (syllable % Trailings)];
            return parts[2] == Trailing ? parts[..2] : parts;
        }

        return HostCharacters.Find(point)?.Parts is { } two ? Decomposed(two.First).Append(two.Second) : [point];
    }

    private static int? Pair(int first, int second)
    {
        if (first - Leading is >= 0 and < Leadings && second - Vowel is >= 0 and < Vowels)
        {
            return Syllable + ((((first - Leading) * Vowels) + second - Vowel) * Trailings);
        }

        var syllable = first - Syllable;
        if (syllable is >= 0 and < Leadings * Vowels * Trailings && syllable % Trailings == 0 && second - Trailing is > 0 and < Trailings)
        {
            return first + second - Trailing;
        }

        return HostCharacters.Composed.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static int ClassOf(int point) => HostCharacters.Find(point)?.CombiningClass ?? 0;
}
