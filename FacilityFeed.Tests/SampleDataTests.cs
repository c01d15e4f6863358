using System.Text.RegularExpressions;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Support;
using PhoneNumbers;

namespace FacilityFeed.Tests;

/// <summary>The sample source database, loaded as the service loads it.</summary>
public sealed class SampleDataTests
{
    /// <summary>Postal codes as each country writes them.</summary>
    private static readonly Dictionary<string, string> _postalCodes = new(StringComparer.Ordinal)
    {
        ["AT"] = "[1-9][0-9]{3}",
        ["AU"] = "[0-9]{4}",
        ["BE"] = "[1-9][0-9]{3}",
        ["BG"] = "[1-9][0-9]{3}",
        ["BR"] = "[0-9]{5}-[0-9]{3}",
        ["CA"] = "[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] [0-9][ABCEGHJ-NPRSTV-Z][0-9]",
        ["CH"] = "[1-9][0-9]{3}",
        ["CZ"] = "[1-7][0-9]{2} [0-9]{2}",
        ["DE"] = "[0-9]{5}",
        ["DK"] = "[0-9]{4}",
        ["ES"] = "(0[1-9]|[1-4][0-9]|5[0-2])[0-9]{3}",
        ["FR"] = "[0-9]{5}",
        ["GB"] = "[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}",
        ["GR"] = "[1-8][0-9]{2} [0-9]{2}",
        ["IE"] = "([AC-FHKNPRTV-Y][0-9]{2}|D6W) [0-9AC-FHKNPRTV-Y]{4}",
        ["IT"] = "[0-9]{5}",
        ["JP"] = "[0-9]{3}-[0-9]{4}",
        ["KR"] = "[0-6][0-9]{4}",
        ["MX"] = "[0-9]{5}",
        ["NL"] = "[1-9][0-9]{3} [A-Z]{2}",
        ["NZ"] = "[0-9]{4}",
        ["PL"] = "[0-9]{2}-[0-9]{3}",
        ["PT"] = "[1-9][0-9]{3}-[0-9]{3}",
        ["SE"] = "[1-9][0-9]{2} [0-9]{2}",
        ["TR"] = "[0-9]{5}",
        ["US"] = "[0-9]{5}",
    };

    private TestDatabase _database = null!;
    private List<Facility> _facilities = null!;

    [OneTimeSetUp]
    public async Task LoadAsync()
    {
        using var script = new StreamReader(typeof(Databases).Assembly.GetManifestResourceStream("db-init.sql")!);
        _database = await TestDatabase.CreateAsync(await script.ReadToEndAsync());
        _facilities = await ReadAsync(_database);
    }

    [OneTimeTearDown]
    public async Task DropAsync()
    {
        // Null when the machine has no PostgreSQL, and all of this was skipped.
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Test]
    public void Ids_AreOneToThousand() => Assert.That(_facilities.Select(facility => facility.Id), Is.EqualTo(Enumerable.Range(1, 1000).Select(id => (long)id)));

    [Test]
    public async Task NextId_IsThousandAndOne() =>
        Assert.That(await _database.ScalarAsync<long>("INSERT INTO facility (name) VALUES ('one more') RETURNING id"), Is.EqualTo(1001));

    [Test]
    public void Phones_AreValidInTheirCountry()
    {
        var numbers = PhoneNumberUtil.GetInstance();

        Assert.That(_facilities.Where(facility => !IsValid(facility)), Is.Empty);

        bool IsValid(Facility facility) =>
            facility.Phone is { } phone && phone.StartsWith('+') && phone[1..].All(char.IsAsciiDigit) && numbers.IsValidNumberForRegion(numbers.Parse(phone, null), facility.Country);
    }

    [Test]
    public void PostalCodes_AreInTheirCountrysForm() =>
        Assert.That(_facilities.Where(facility => !Regex.IsMatch(facility.PostalCode ?? "", $@"\A({_postalCodes[facility.Country]})\z")), Is.Empty);

    [Test]
    public void Countries_AreManyAndCapitalCodes() =>
        Assert.That(_facilities.Select(facility => facility.Country).Distinct(), Is.EquivalentTo(_postalCodes.Keys));

    [Test]
    public void Urls_AreHttpsUnderReservedNames()
    {
        var urls = _facilities.Where(facility => facility.Url is not null).Select(facility => new Uri(facility.Url!)).ToList();

        Assert.That(urls, Has.Count.InRange(800, 999), "some have none, on purpose");
        Assert.That(urls.Where(url => url.Scheme != "https" || !IsReserved(url.IdnHost)), Is.Empty);

        static bool IsReserved(string host) => host.EndsWith(".example", StringComparison.Ordinal) || host is "example.org" or "www.example.org";
    }

    [Test]
    public void Names_AreNotAllAscii()
    {
        var others = _facilities.Count(facility => facility.Name.Any(letter => letter > '\u007f'));

        Assert.That(others, Is.GreaterThanOrEqualTo(150));
    }

    [Test]
    public void Texts_AreCleanOrNull() =>
        Assert.That(_facilities.SelectMany(facility => facility.Texts).Where(text => text is not null && (text.Length == 0 || text != text.Trim() || text.Any(char.IsControl))), Is.Empty);

    [Test]
    public void Coordinates_AreBothThereAndOnEarth_OrNeither()
    {
        Assert.That(_facilities.Where(facility => facility.Latitude is null != facility.Longitude is null), Is.Empty);
        Assert.That(_facilities.Select(facility => facility.Latitude).OfType<double>(), Is.All.InRange(-90d, 90d).And.Some.LessThan(0));
        Assert.That(_facilities.Select(facility => facility.Longitude).OfType<double>(), Is.All.InRange(-180d, 180d).And.Some.LessThan(0));
        Assert.That(_facilities.Count(facility => facility.Latitude is null), Is.InRange(1, 200), "some have none, on purpose");
    }

    private static async Task<List<Facility>> ReadAsync(TestDatabase database)
    {
        await using var command = database.Connect.CreateCommand(
            "SELECT id, name, phone, url, latitude, longitude, country, postal_code, locality, region, street_address FROM facility ORDER BY id");
        await using var rows = await command.ExecuteReaderAsync();
        var facilities = new List<Facility>();
        while (await rows.ReadAsync())
        {
            string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
            double? Number(int column) => rows.IsDBNull(column) ? null : rows.GetDouble(column);
            string?[] texts = [.. new[] { 1, 2, 3, 6, 7, 8, 9, 10 }.Select(Text)];
            facilities.Add(new Facility(rows.GetInt64(0), rows.GetString(1), Text(2), Text(3), Number(4), Number(5), rows.GetString(6), Text(7), texts));
        }

        return facilities;
    }

    private sealed record Facility(
        long Id, string Name, string? Phone, string? Url, double? Latitude, double? Longitude, string Country, string? PostalCode, IReadOnlyList<string?> Texts);
}
