using System.Text;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// Stderr at a terminal, with one line at its end that is drawn over again and again: whatever else is written, a log line among it, takes
/// that line away first, stands on lines of its own, and has it below. Where stderr is no terminal there is none of this.
/// </summary>
public sealed class StatusLine(TextWriter terminal, Func<int> width) : TextWriter
{
    private const string Erase = "\r\u001b[K";

    private readonly Lock _gate = new();
    private string _line = "";
    private bool _isDrawn;
    private bool _isAtLineStart = true;

    /// <summary>The one of this process; null where stderr is no terminal, or one that cannot erase a line.</summary>
    public static StatusLine? OfTerminal { get; private set; }

    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Lets all that this process writes to stderr go through the status line, where there is a terminal.</summary>
    public static void Install()
    {
        if (!Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"))
        {
            OfTerminal = new StatusLine(Console.Error, () => Console.WindowWidth);
            Console.SetError(OfTerminal);
        }
    }

    /// <summary>Draws the line over the one before; an empty one takes it away.</summary>
    /// <param name="line">Plain ASCII, a column a letter. Cut at a comma where the terminal is narrower, for a line that wraps could not be drawn over.</param>
    public void Show(string line)
    {
        lock (_gate)
        {
            _line = line;
            Redraw();
        }
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.IsEmpty)
        {
            return;
        }

        lock (_gate)
        {
            Take();
            terminal.Write(buffer);
            _isAtLineStart = buffer[^1] == '\n';
            Redraw();
        }
    }

    public override void Flush() => terminal.Flush();

    private void Take()
    {
        if (_isDrawn)
        {
            terminal.Write(Erase);
            _isDrawn = false;
        }
    }

    // In the middle of another line it waits for that one's end.
    private void Redraw()
    {
        if (_isAtLineStart)
        {
            var fitting = Fit(_line, width() - 1);
            terminal.Write(_isDrawn || fitting.Length > 0 ? Erase + fitting : "");
            _isDrawn = fitting.Length > 0;
        }

        terminal.Flush();
    }

    private static string Fit(string line, int columns)
    {
        if (line.Length <= columns || columns < 1)
        {
            return columns < 1 ? "" : line;
        }

        var comma = line.LastIndexOf(", ", Math.Min(columns + 1, line.Length - 1), StringComparison.Ordinal);
        return comma > 0 ? line[..comma] : line[..columns];
    }
}
