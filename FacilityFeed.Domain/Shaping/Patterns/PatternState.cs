using System.Runtime.CompilerServices;

namespace FacilityFeed.Domain.Shaping.Patterns;

/// <summary>
/// A state of the automaton of a pattern: what may come next, and which state follows. States that say the same are one object, of whatever
/// pattern they are. A state in which one character leads to several is parted only when a text comes there with that character, so that of a
/// pattern only what the numbers at hand need is made. The patterns have no loops, so there is an end to it.
/// </summary>
internal sealed class PatternState : IEquatable<PatternState>
{
    // Space to underscore: digits, capitals, space and hyphen are among them, and a set of them is one number.
    private const char First = ' ';
    private const int Characters = 64;

    private static readonly HashSet<PatternState> _all = [];

    private readonly (ulong Characters, PatternState Next)[] _steps;
    private readonly int _hash;
    private PatternState?[]? _after;

    private PatternState(bool isEnd, (ulong Characters, PatternState Next)[] steps)
    {
        IsEnd = isEnd;
        _steps = steps;
        var hash = default(HashCode);
        hash.Add(isEnd);
        foreach (var (characters, next) in steps)
        {
            hash.Add(characters);
            hash.Add(next._hash);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>The text has to end here.</summary>
    public static PatternState End { get; } = The(isEnd: true, []);

    /// <summary>0 to 9.</summary>
    public static ulong Digits { get; } = 0x3FFUL << ('0' - First);

    /// <summary>Nothing leads from here to an end.</summary>
    private static PatternState Nowhere { get; } = The(isEnd: false, []);

    /// <summary>Whether the text may end here.</summary>
    public bool IsEnd { get; }

    /// <summary>The set of one character; null for one that no pattern has.</summary>
    public static ulong? Bit(char character) => character - First is >= 0 and < Characters and var bit ? 1UL << bit : null;

    /// <summary>One of the characters, and then what follows.</summary>
    public static PatternState Step(ulong characters, PatternState next) => The(isEnd: false, [(characters, next)]);

    /// <summary>Whichever of them fits.</summary>
    public static PatternState Any(params PatternState[] states)
    {
        // In one order, whatever it is, so that the same alternatives are one state.
        var steps = states.SelectMany(state => state._steps)
            .GroupBy(step => step.Next, (next, same) => (Characters: same.Aggregate(0UL, (all, step) => all | step.Characters), Next: next))
            .OrderBy(step => step.Next._hash)
            .ToArray();
        return The(states.Any(state => state.IsEnd), steps);
    }

    /// <summary>Where both lead to an end.</summary>
    public static PatternState Both(PatternState one, PatternState other) => Both(one, other, []);

    /// <summary>The state behind <paramref name="character"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PatternState After(char character)
    {
        var at = character - First;
        return at is < 0 or >= Characters ? Nowhere : _after?[at] ?? Find(at);
    }

    /// <inheritdoc/>
    public bool Equals(PatternState? other) => other is not null && (ReferenceEquals(this, other) || (IsEnd == other.IsEnd && _steps.AsSpan().SequenceEqual(other._steps)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PatternState);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    private static PatternState The(bool isEnd, (ulong Characters, PatternState Next)[] steps)
    {
        var state = new PatternState(isEnd, steps);
        lock (_all)
        {
            if (_all.TryGetValue(state, out var same))
            {
                return same;
            }

            _ = _all.Add(state);
            return state;
        }
    }

    private static PatternState Both(PatternState one, PatternState other, Dictionary<(PatternState, PatternState), PatternState> known)
    {
        if (known.TryGetValue((one, other), out var both))
        {
            return both;
        }

        var steps = from step in one._steps
                    from second in other._steps
                    let characters = step.Characters & second.Characters
                    where characters != 0
                    let next = Both(step.Next, second.Next, known)
                    where next != Nowhere
                    select Step(characters, next);
        return known[(one, other)] = Any([.. steps, .. one.IsEnd && other.IsEnd ? [End] : (PatternState[])[]]);
    }

    // Threads that come here at once find the same state.
    private PatternState Find(int at)
    {
        var next = _steps.Where(step => (step.Characters & (1UL << at)) != 0).Select(step => step.Next).ToArray();
        _after ??= new PatternState?[Characters];
        return _after[at] = next.Length == 0 ? Nowhere : Any(next);
    }
}
