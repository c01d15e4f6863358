namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>A piece of a folded text: digits, a word, or a sign that parts two thoughts.</summary>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="Number">Digits, if it is that.</param>
/// <param name="Word">Letters, if it is that.</param>
/// <param name="Sign">The sign, otherwise.</param>
/// <param name="IsGlued">Whether nothing parts it from the piece before.</param>
/// <param name="IsAfterSpace">Whether only spaces do.</param>
internal sealed record TelephonePart(int Start, WrittenNumber? Number, string? Word, char Sign, bool IsGlued, bool IsAfterSpace)
{
    /// <summary>The pieces of <paramref name="text"/>, in order.</summary>
    public static List<TelephonePart> Split(string text)
    {
        var parts = new List<TelephonePart>();
        var at = 0;
        var isGlued = false;
        while (at < text.Length)
        {
            var start = at;
            if (char.IsAsciiDigit(text[at]) || text[at] == '+')
            {
                parts.Add(new TelephonePart(start, ReadNumber(text, ref at), null, default, isGlued, FollowsSpace(text, start)));
            }
            else if (!IsSign(text[at]))
            {
                at = EndOfWord(text, at);
                parts.Add(new TelephonePart(start, null, text[start..at], default, isGlued, FollowsSpace(text, start)));
            }
            else
            {
                if (!IsInNumber(text[at]))
                {
                    parts.Add(new TelephonePart(start, null, null, text[at], isGlued, FollowsSpace(text, start)));
                }

                at++;
            }

            isGlued = at < text.Length && at > 0 && !IsSign(text[at - 1]);
        }

        return parts;
    }

    private static bool FollowsSpace(string text, int start) => text[..start].EndsWith(' ') && text[..start].TrimEnd() is { Length: > 0 } before && !IsSign(before[^1]);

    private static WrittenNumber ReadNumber(string text, ref int at)
    {
        var number = new WrittenNumber(text[at] == '+');
        at += number.HasPlus ? 1 : 0;
        var end = at;
        while (true)
        {
            var digits = end;
            while (digits < text.Length && IsInNumber(text[digits]))
            {
                digits++;
            }

            if (digits == text.Length || !char.IsAsciiDigit(text[digits]))
            {
                at = end;
                return number;
            }

            // The bracket that opens before the first digits is no part of them.
            var before = text[end..digits];
            end = digits;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            number.Add(text[digits..end], before);
        }
    }

    private static int EndOfWord(string text, int at)
    {
        while (at < text.Length && !IsSign(text[at]) && !char.IsAsciiDigit(text[at]) && text[at] != '+')
        {
            at++;
        }

        return at;
    }

    // All that Fold leaves but digits, letters and the plus.
    private static bool IsSign(char sign) => IsInNumber(sign) || sign is TelephoneText.Break or ',' or ':' or '~' or '#' or '@';

    private static bool IsInNumber(char sign) => sign is ' ' or '-' or '.' or '(' or ')' or '/' or '\'';
}
