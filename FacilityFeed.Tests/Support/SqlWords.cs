using System.Globalization;

namespace FacilityFeed.Tests.Support;

/// <summary>The few words in which the engines differ where the tests' scripts are the same.</summary>
/// <param name="Series">What to select the numbers <c>i</c> from, for a first and a last one.</param>
/// <param name="Random">A number at random.</param>
/// <param name="Analyze">Gathers a table's statistics.</param>
/// <param name="LongText">The type of a text longer than 65,535 bytes.</param>
/// <param name="Literal">A text in quotes.</param>
public sealed record SqlWords(Func<int, int, string> Series, string Random, string Analyze, string LongText, Func<string, string> Literal)
{
    public static SqlWords Postgres { get; } = new(
        (first, last) => string.Create(CultureInfo.InvariantCulture, $"(SELECT i FROM generate_series({first}, {last}) i) AS series"), "random()", "ANALYZE", "text",
        text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'");

    public static SqlWords MariaDb { get; } = new(
        (first, last) => string.Create(CultureInfo.InvariantCulture, $"(SELECT CAST(seq AS SIGNED) + ({first - 1}) AS i FROM seq_1_to_{last - first + 1}) AS series"), "rand()", "ANALYZE TABLE", "longtext",
        text => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'");
}
