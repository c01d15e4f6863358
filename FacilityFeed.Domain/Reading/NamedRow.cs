using System.Text.RegularExpressions;

namespace FacilityFeed.Domain.Reading;

/// <summary>The sentence of a failure that names the row it was over: <c>It is the row with id 617</c>.</summary>
public static partial class NamedRow
{
    /// <summary>What begins the remedy of such a failure.</summary>
    public const string Remedy = "Correct that value";

    /// <summary>Names the row, or the range of keys that it is in, before the remedy; at the end of a message that has none.</summary>
    public static string Name(string message, long firstId, long lastId)
    {
        var row = firstId == lastId ? $". It is the row with {FacilityColumns.Key} {firstId}" : $". It is a row with {FacilityColumns.Key} {firstId} to {lastId}";
        var end = message.LastIndexOf($". {Remedy}", StringComparison.Ordinal);
        return message.Insert(end < 0 ? message.Length : end, row);
    }

    /// <summary>The row that a message names, as <c>617</c> or <c>600 to 650</c>; null: none.</summary>
    public static string? Of(string message) => Sentence().Match(message) is { Success: true } named ? named.Groups["row"].Value : null;

    /// <summary>The message with another sentence in the place of the one that names a row.</summary>
    public static string Replace(string message, string sentence) => Sentence().Replace(message, sentence, 1);

    [GeneratedRegex($@"(?<=\. )It is (the|a) row with {FacilityColumns.Key} (?<row>-?\d+( to -?\d+)?)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Sentence();
}
