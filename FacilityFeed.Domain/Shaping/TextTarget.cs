using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>Collects the characters that stay, and settles a run of white space when it ends.</summary>
internal ref struct TextTarget(Span<byte> room)
{
    private readonly Span<byte> _room = room;
    private int _length;
    private int? _runStart;
    private bool _runHasControl;

    /// <summary>Whether anything can be seen of it.</summary>
    public bool HasVisible { get; private set; }

    /// <summary>Adds one character.</summary>
    public void Append(Rune rune, ReadOnlySpan<byte> utf8)
    {
        if (!Rune.IsWhiteSpace(rune))
        {
            EndRun();
            HasVisible |= !UnicodeKinds.IsInvisible(rune);
            Put(utf8);
            return;
        }

        _runStart ??= _length;
        if (UnicodeKinds.IsWhiteSpaceControl(rune))
        {
            _runHasControl = true;
        }
        else
        {
            Put(utf8);
        }
    }

    /// <summary>The length of the text, without white space at its end.</summary>
    public readonly int Complete() => HasVisible ? _runStart ?? _length : 0;

    private void Put(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(_room[_length..]);
        _length += utf8.Length;
    }

    private void EndRun()
    {
        if (_runStart is not { } start)
        {
            return;
        }

        if (start == 0)
        {
            _length = 0;
        }
        else if (_runHasControl)
        {
            _length = start;
            Put(" "u8);
        }

        _runStart = null;
        _runHasControl = false;
    }
}
