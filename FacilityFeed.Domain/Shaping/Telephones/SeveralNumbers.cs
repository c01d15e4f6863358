using System.Globalization;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>
/// Reads digits that no word parts, and that may yet be more than one number: "030 123456 / 123457", "06 1234567 / 8",
/// "030 123456 (0171 1234567)", "9-17 030 123456".
/// </summary>
internal sealed class SeveralNumbers(DialledInside? inside)
{
    // An area code has fewer digits, so that what is valid with as many is a whole number and no area code before a slash.
    private const int FewestWhole = 7;
    private const int LongestHead = 4;

    // Where a number can be dialled on through a switchboard, by digits that are set apart: "030 1234-56".
    private static readonly int[] _dialledOn = [43, 49];

    private readonly NumberReader _reader = new(inside);

    /// <summary>The first number, or all digits as one.</summary>
    /// <param name="written">The digits.</param>
    /// <param name="isBeforeWord">Whether a word follows them that is no label, so that the last may count something: "030 123456 14 Tage".</param>
    public Reading Read(WrittenNumber written, bool isBeforeWord)
    {
        if (written.Count == 0)
        {
            return Reading.None;
        }

        if (written.Count == 1)
        {
            return _reader.Read(written);
        }

        var isUnsure = false;
        for (var group = 1; group < written.Count; group++)
        {
            if (Head(written, group, ref isUnsure) is { } head)
            {
                return HasTail(written.Take(group), isBeforeWord: false) ? Reading.Ambiguous : new Reading(head, HasMore: true);
            }
        }

        var whole = _reader.Read(written);
        if (whole.IsAmbiguous)
        {
            return whole;
        }

        if (whole.Number is null)
        {
            return Pair(written);
        }

        return isUnsure || EndsInRange(written) || HasTail(written, isBeforeWord) || LacksZero(written, whole.Number) ? Reading.Ambiguous : whole;
    }

    // A whole number before a slash, a bracket or what begins as a number of its own.
    private string? Head(WrittenNumber written, int group, ref bool isUnsure)
    {
        var isSlash = written.Before(group).Contains('/');
        var isBracket = written.Before(group).Contains('(');
        var isZero = written[group] is ['0', _, ..];
        if (!(isSlash || isBracket || isZero))
        {
            return null;
        }

        var head = written.Take(group);
        if (_reader.Read(head).Number is not { } number)
        {
            return null;
        }

        if (IsWhole(number))
        {
            return isSlash || isBracket || _reader.Read(written.Skip(group)).Number is not null ? number : null;
        }

        isUnsure |= isSlash && !IsAreaCode(head, number);
        return null;
    }

    // Two numbers with nothing but a space between them.
    private Reading Pair(WrittenNumber written)
    {
        for (var group = 1; group < written.Count; group++)
        {
            if (_reader.Read(written.Take(group)).Number is { } number && IsWhole(number) && _reader.Read(written.Skip(group)).Number is not null)
            {
                return new Reading(number, HasMore: true);
            }
        }

        return Reading.None;
    }

    private static bool IsWhole(string number) => CallingCodes.NationalLength(number.AsSpan(1)) >= FewestWhole;

    // One group, but for a calling code and a 0.
    private static bool IsAreaCode(WrittenNumber head, string number)
    {
        var code = number[1..^CallingCodes.NationalLength(number.AsSpan(1))];
        var first = head[0] == code || head[0] == $"00{code}" ? 1 : 0;
        first += first < head.Count && head[first] == "0" ? 1 : 0;
        return head.Count - first == 1;
    }

    // "06 1234567-8": two numbers in Italy; one in Germany, where "-8" is dialled on.
    private bool EndsInRange(WrittenNumber written)
    {
        var last = written.Count - 1;
        return written[last].Length <= 2 && written[last - 1].Length >= 4 && written.Before(last).Contains('-')
            && _reader.Read(written.Take(last)).Number is { } number && IsWhole(number)
            && !_dialledOn.Any(code => number.AsSpan(1).StartsWith($"{code}", StringComparison.Ordinal));
    }

    // A whole number, and digits set apart from it that need not be its own.
    private bool HasTail(WrittenNumber written, bool isBeforeWord)
    {
        for (var group = 1; group < written.Count; group++)
        {
            if (IsTail(written, group, isBeforeWord) && _reader.Read(written.Take(group)).Number is { } number && IsWhole(number))
            {
                return true;
            }
        }

        return false;
    }

    // One digit, a year, hours, what a word counts, or what comes after dots: the end of a range or the end of a hidden number.
    private static bool IsTail(WrittenNumber written, int group, bool isBeforeWord)
    {
        if (written.Before(group).Contains("..", StringComparison.Ordinal))
        {
            return true;
        }

        var (digits, before, last) = (written[group], written[group - 1].Length, written.Count - 1);
        if (written.Before(group).Trim(' ', '(', ')').Length > 0)
        {
            return false;
        }

        return digits.Length == 1
            || (group == last - 1 && before > 2 && IsHour(digits) && IsHour(written[last]) && written.Before(last).Trim() == "-")
            || (group == last && before != 4 && digits is (['1', '9', _, _] or ['2', '0', _, _]))
            || (group == last && isBeforeWord && before > (digits.Length == 2 ? 3 : 5));
    }

    private static bool IsHour(string digits) => digits.Length <= 2 && int.Parse(digits, CultureInfo.InvariantCulture) <= 24;

    // "9-17 030 123456": the 0 that the first digits lack comes later.
    private bool LacksZero(WrittenNumber written, string whole)
    {
        if (inside is not { HasZero: true } || written.HasPlus || written[0].StartsWith('0'))
        {
            return false;
        }

        var head = written[0].Length;
        for (var group = 1; group < written.Count && head <= LongestHead; head += written[group].Length, group++)
        {
            if (written[group] is ['0', _, ..] && _reader.Read(written.Skip(group)).Number is { } number && number != whole)
            {
                return true;
            }
        }

        return false;
    }
}
