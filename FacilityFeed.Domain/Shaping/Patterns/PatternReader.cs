using System.Globalization;

namespace FacilityFeed.Domain.Shaping.Patterns;

/// <summary>
/// Reads a pattern from left to right. Of each part it makes a function that is given the state in which what follows begins, and answers
/// with the state in which the part begins.
/// </summary>
internal sealed class PatternReader(string pattern)
{
    private int _at;

    private char? Next => _at < pattern.Length ? pattern[_at] : null;

    public Func<PatternState, PatternState> Read()
    {
        var all = Alternatives();
        return Next is null ? all : throw Unreadable();
    }

    private Func<PatternState, PatternState> Alternatives()
    {
        var alternatives = new List<Func<PatternState, PatternState>> { Sequence() };
        while (TryTake('|'))
        {
            alternatives.Add(Sequence());
        }

        return next => PatternState.Any([.. alternatives.Select(alternative => alternative(next))]);
    }

    private Func<PatternState, PatternState> Sequence()
    {
        var parts = new List<Func<PatternState, PatternState>>();
        while (Next is not (null or '|' or ')'))
        {
            parts.Insert(0, Counted());
        }

        return next => parts.Aggregate(next, (state, part) => part(state));
    }

    private Func<PatternState, PatternState> Counted()
    {
        var part = Part();
        var (least, most) = Count();
        return next =>
        {
            var state = next;
            for (var count = most; count > 0; count--)
            {
                state = count > least ? PatternState.Any(part(state), next) : part(state);
            }

            return state;
        };
    }

    private Func<PatternState, PatternState> Part()
    {
        if (!TryTake('('))
        {
            var characters = TryTake('[') ? Set() : Character();
            return next => PatternState.Step(characters, next);
        }

        // Nothing is captured by either kind of group.
        _ = TryTake('?') && (TryTake(':') ? true : throw Unreadable());
        var inside = Alternatives();
        return TryTake(')') ? inside : throw Unreadable();
    }

    private ulong Set()
    {
        var characters = 0UL;
        while (!TryTake(']'))
        {
            var from = Next;
            var one = Character();
            characters |= TryTake('-') ? Range(from) : one;
        }

        return characters;
    }

    private ulong Range(char? from)
    {
        if (from is not { } first || Next is not { } last || !char.IsAsciiLetterOrDigit(first) || !char.IsAsciiLetterOrDigit(last))
        {
            throw Unreadable();
        }

        var range = Enumerable.Range(first, last - first + 1).Aggregate(0UL, (all, character) => all | (PatternState.Bit((char)character) ?? throw Unreadable()));
        _at++;
        return range;
    }

    private ulong Character()
    {
        if (TryTake('\\'))
        {
            return TryTake('d') ? PatternState.Digits : throw Unreadable();
        }

        // Of the signs only those that mean nothing else in an expression.
        return Next is { } character && (char.IsAsciiLetterOrDigit(character) || character is ' ' or '-') && PatternState.Bit(character) is { } bit && TryTake(character)
            ? bit
            : throw Unreadable();
    }

    private (int Least, int Most) Count()
    {
        if (TryTake('?'))
        {
            return (0, 1);
        }

        if (!TryTake('{'))
        {
            return (1, 1);
        }

        var end = pattern.IndexOf('}', _at);
        var bounds = end < 0 ? throw Unreadable() : pattern[_at..end].Split(',');
        _at = end + 1;
        return (int.Parse(bounds[0], CultureInfo.InvariantCulture), int.Parse(bounds[^1], CultureInfo.InvariantCulture));
    }

    private bool TryTake(char character)
    {
        if (Next != character)
        {
            return false;
        }

        _at++;
        return true;
    }

    private FormatException Unreadable() => new($"The pattern '{pattern}' cannot be read from character {_at + 1} on.");
}
