using System.Text.RegularExpressions;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// Reads a <c>.env</c> file, one <c>NAME=value</c> a line, as python-dotenv does for the service that this one replaces, but
/// puts nothing else in the place of a <c>$</c>. DotNetEnv 3.0.0 cannot: it makes <c>pa$word</c> to <c>pa</c> without a
/// word, and refuses <c>it's</c> and a byte order mark.
/// </summary>
internal static partial class DotEnvFile
{
    /// <summary>The last value of each name. Without the file there is none.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path, List<string> problems)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return values;
        }

        if (SettingsText.Read(path, SettingsText.MostBytes, out var reason) is not { } text)
        {
            problems.Add($"{path} cannot be read ({reason}): make it UTF-8 text that the service's user may read, or remove it");
            return values;
        }

        foreach (var (number, line) in text.Split(["\r\n", "\n", "\r"], StringSplitOptions.None).Index())
        {
            if (NothingSet().IsMatch(line))
            {
                continue;
            }

            // The line may hold a secret, so it is not shown.
            if (Assignment().Match(line) is not { Success: true } assignment)
            {
                problems.Add($"{path}, line {number + 1} cannot be read: write NAME=value, or begin a comment with #");
            }
            else if (ValueOf(assignment.Groups["rest"].Value) is { } value)
            {
                values[assignment.Groups["name"].Value] = value;
            }
            else
            {
                problems.Add($"{path}, line {number + 1} cannot be read: a value that begins with a quote must end with it on the same line; write \\' or \\\" for a quote within, or put the whole value into quotes of the other kind");
            }
        }

        return values;
    }

    private static string? ValueOf(string rest) => rest switch
    {
        ['\'', ..] => InSingleQuotes().Match(rest) is { Success: true } quoted ? SingleQuoteEscape().Replace(quoted.Groups[1].Value, Unescaped) : null,
        ['"', ..] => InDoubleQuotes().Match(rest) is { Success: true } quoted ? DoubleQuoteEscape().Replace(quoted.Groups[1].Value, Unescaped) : null,
        _ => Comment().Replace(rest, "").Trim(' ', '\t'),
    };

    private static string Unescaped(Match escape) => escape.Value[1] switch
    {
        'a' => "\a",
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\v",
        var itself => $"{itself}",
    };

    [GeneratedRegex(@"^[ \t]*(#.*)?\z")]
    private static partial Regex NothingSet();

    // White space before the rest stays in it only where a comment follows.
    [GeneratedRegex(@"^[ \t]*(export[ \t]+)?(?<name>[^=#'""\s]+)[ \t]*=([ \t]*(?=[^ \t#]))?(?<rest>.*)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();

    // Atomic, so that a quote within the value is never taken for its end to make the rest of the line fit.
    [GeneratedRegex(@"^(?>'((?:\\'|[^'])*)')[ \t]*(?:#.*)?\z")]
    private static partial Regex InSingleQuotes();

    [GeneratedRegex(@"^(?>""((?:\\""|[^""])*)"")[ \t]*(?:#.*)?\z")]
    private static partial Regex InDoubleQuotes();

    [GeneratedRegex(@"\\[\\']")]
    private static partial Regex SingleQuoteEscape();

    [GeneratedRegex(@"\\[\\'""abfnrtv]")]
    private static partial Regex DoubleQuoteEscape();

    [GeneratedRegex(@"[ \t]#.*")]
    private static partial Regex Comment();
}
