using System.Text;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// Stdout or stderr: whatever a command prints, of whatever origin - a record's value, a server's answer, a file's name - reaches the terminal as text
/// and never as a command to it. What draws the status line goes past this.
/// </summary>
public sealed class PlainWriter(TextWriter printed) : TextWriter
{
    public override Encoding Encoding => printed.Encoding;

    /// <summary>For all that this process prints from now on.</summary>
    public static void Install()
    {
        Console.SetOut(new PlainWriter(Console.Out));
        Console.SetError(new PlainWriter(Console.Error));
    }

    // Half of a pair comes alone here; a control never belongs to one.
    public override void Write(char value) => printed.Write(char.IsSurrogate(value) ? $"{value}" : PrintedText.Escape($"{value}"));

    public override void Write(string? value) => printed.Write(value is null ? null : PrintedText.Escape(value));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine(string? value) => printed.WriteLine(value is null ? null : PrintedText.Escape(value));

    public override void Flush() => printed.Flush();
}
