namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Reads from a pattern of the telephone library with which digits a text that it matches can begin. The patterns use little: digits,
/// classes of digits, groups, alternatives and <c>?</c>. Whatever else stands in one counts as any digit, so that an answer errs only
/// by naming too many.
/// </summary>
internal ref struct FirstDigits
{
    private const int Any = (1 << 10) - 1;

    private readonly ReadOnlySpan<char> _pattern;
    private int _at;

    private FirstDigits(ReadOnlySpan<char> pattern) => _pattern = pattern;

    /// <summary>Bit 0 for the digit 0, and so on.</summary>
    public static int Of(string pattern)
    {
        var reader = new FirstDigits(pattern);
        var digits = reader.Alternatives(out _);
        return reader._at == pattern.Length ? digits : Any;
    }

    private int Alternatives(out bool mayBeEmpty)
    {
        var digits = Sequence(out mayBeEmpty);
        while (Take('|'))
        {
            digits |= Sequence(out var isEmptyToo);
            mayBeEmpty |= isEmptyToo;
        }

        return digits;
    }

    private int Sequence(out bool mayBeEmpty)
    {
        var digits = 0;
        mayBeEmpty = true;
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            var next = Repeated(out var isOptional);
            digits |= mayBeEmpty ? next : 0;
            mayBeEmpty &= isOptional;
        }

        return digits;
    }

    private int Repeated(out bool isOptional)
    {
        var digits = Single(out isOptional);
        if (Take('?'))
        {
            isOptional = true;
        }
        else if (Take('{'))
        {
            isOptional |= _at < _pattern.Length && _pattern[_at] == '0';
            SkipPast('}');
        }

        return digits;
    }

    private int Single(out bool isOptional)
    {
        isOptional = false;
        if (Take('('))
        {
            _ = Take('?') && Take(':');
            var digits = Alternatives(out isOptional);
            return Take(')') ? digits : Any;
        }

        if (Take('['))
        {
            return Class();
        }

        var one = _pattern[_at++];
        isOptional = one == '$';
        return isOptional ? 0 : BitOf(one);
    }

    private int Class()
    {
        var digits = 0;
        while (_at < _pattern.Length && !Take(']'))
        {
            var from = _pattern[_at++];
            var to = Take('-') && _at < _pattern.Length ? _pattern[_at++] : from;
            for (var digit = from; digit <= to; digit++)
            {
                digits |= BitOf(digit);
            }
        }

        return digits;
    }

    private bool Take(char expected)
    {
        var isThere = _at < _pattern.Length && _pattern[_at] == expected;
        _at += isThere ? 1 : 0;
        return isThere;
    }

    private void SkipPast(char end)
    {
        while (_at < _pattern.Length && _pattern[_at++] != end)
        {
        }
    }

    private static int BitOf(char one) => char.IsAsciiDigit(one) ? 1 << (one - '0') : Any;
}
