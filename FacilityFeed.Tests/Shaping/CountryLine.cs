using FacilityFeed.Domain.Shaping;

namespace FacilityFeed.Tests.Shaping;

/// <summary>A line of the table of countries, read without the code that is tested.</summary>
public sealed record CountryLine(string Alpha2, string Alpha3, string HasPostalCodes, string NeedsRegion, string[] Names, string PostalCodes)
{
    public static IReadOnlyList<CountryLine> All { get; } = [.. Read()];

    public override string ToString() => $"{Alpha2} {Names[0]}";

    private static IEnumerable<CountryLine> Read()
    {
        using var table = new StreamReader(typeof(Countries).Assembly.GetManifestResourceStream("countries.csv")!);
        foreach (var line in table.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var cells = line.Split(';');
            Assert.That(cells, Has.Length.EqualTo(7), line);
            yield return new CountryLine(cells[0], cells[1], cells[2], cells[3], [cells[4], .. cells[5].Split('|', StringSplitOptions.RemoveEmptyEntries)], cells[6]);
        }
    }
}
