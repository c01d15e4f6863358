namespace FacilityFeed.Domain;

/// <summary>
/// What another program said - a database, a store, the system - made fit for a message of ours: one line, cut, and nothing in it that a terminal,
/// a log or a page takes for a command. Every such text goes through here where it enters.
/// </summary>
public static class ForeignText
{
    /// <summary>Most characters that are kept: an error's text is read by people.</summary>
    public const int Longest = 1_000;

    /// <summary><paramref name="text"/> in one line: line ends as a space, controls and what is not seen as <c>\uXXXX</c>, no blanks at the ends.</summary>
    public static string InOneLine(string text) => ShownValue.Of(text.ReplaceLineEndings(" ").Trim(), Longest);

    /// <summary>The same of text that has lines of its own, such as a stack trace: they stay, and nothing is cut.</summary>
    public static string InLines(string text) => string.Join(Environment.NewLine, text.ReplaceLineEndings("\n").Split('\n').Select(line => ShownValue.Of(line, int.MaxValue)));
}
