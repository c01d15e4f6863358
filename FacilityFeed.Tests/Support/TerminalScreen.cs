using System.Text;
using System.Text.RegularExpressions;

namespace FacilityFeed.Tests.Support;

/// <summary>What a terminal shows of what is written to it: as much of one as a line that is drawn over needs.</summary>
public sealed partial class TerminalScreen(int columns)
{
    private readonly List<StringBuilder> _rows = [new()];
    private int _column;

    /// <summary>The rows from the top, without the spaces at their ends.</summary>
    public IReadOnlyList<string> Rows => [.. _rows.Select(row => row.ToString().TrimEnd())];

    public static IReadOnlyList<string> Show(string written, int columns)
    {
        var screen = new TerminalScreen(columns);
        screen.Write(written);
        return screen.Rows;
    }

    public void Write(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\r':
                    _column = 0;
                    break;
                case '\n':
                    NewRow();
                    break;
                case '\u001b' when text.AsSpan(i).StartsWith("\u001b[K"):
                    _rows[^1].Length = Math.Min(_rows[^1].Length, _column);
                    i += 2;
                    break;
                case '\u001b' when Mode().Match(text, i) is { Success: true } mode:
                    i += mode.Length - 1;
                    break;
                case '\u001b':
                    throw new NotSupportedException($"this terminal does not know {text.AsSpan(i, Math.Min(8, text.Length - i)).ToString().Replace("\u001b", "ESC", StringComparison.Ordinal)}");
                default:
                    Put(text[i]);
                    break;
            }
        }
    }

    private void Put(char letter)
    {
        if (_column == columns)
        {
            NewRow();
        }

        var row = _rows[^1];
        row.Append(' ', Math.Max(0, _column + 1 - row.Length));
        row[_column++] = letter;
    }

    // What .NET sends when it begins to use a terminal; nothing of it is seen.
    [GeneratedRegex(@"\G\u001b(\[\?[0-9;]*[hl]|[=>])")]
    private static partial Regex Mode();

    private void NewRow()
    {
        _rows.Add(new StringBuilder());
        _column = 0;
    }
}
