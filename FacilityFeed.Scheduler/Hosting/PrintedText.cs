using FacilityFeed.Domain;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>What is printed or logged, whole and in lines of ours alone: nothing in it moves the cursor, ends a line or turns the text around.</summary>
public static class PrintedText
{
    /// <summary>In one line.</summary>
    public static string InOneLine(string text) => Escape(text.ReplaceLineEndings(" "));

    /// <summary>In as many lines as it has, each indented: none can be taken for one of the log's own.</summary>
    public static string InLines(string text) => string.Join('\n', ForeignText.InLines(text.Replace("\t", "    ", StringComparison.Ordinal)).Split('\n').Select(line => $"    {line}"));

    /// <summary>Line ends and tabs stay; all else that is a command to a terminal, or is not seen, as <c>\uXXXX</c>.</summary>
    public static string Escape(string text) => IsPlain(text) ? text : string.Join('\n', text.Split('\n').Select(line => string.Join('\t', line.Split('\t').Select(part => ShownValue.Of(part, int.MaxValue)))));

    private static bool IsPlain(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') is var at && (at < 0 || text.All(character => character is (>= ' ' and <= '~') or '\n'));
}
