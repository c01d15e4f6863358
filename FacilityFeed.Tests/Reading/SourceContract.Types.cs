using FacilityFeed.Domain;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>Which column types are read as what, and what becomes of a value that is not of its column's kind.</summary>
public abstract partial class SourceContract
{
    [TestCase("date")]
    [TestCase("time")]
    [TestCase("timestamp")]
    public async Task EveryRead_IsRejected_WhenAColumnIsATime(string type)
    {
        await RefusesColumnAsync("region", type, type, "text");
        await RefusesColumnAsync("longitude", type, type, "degrees");
    }

    [Test]
    public async Task EveryRead_IsRejected_WhenACoordinateIsAnIdentifier() => await RefusesColumnAsync("latitude", "uuid", "uuid", "degrees");

    [TestCase("smallint", "2139", "2139")]
    [TestCase("integer", "-7", "-7")]
    [TestCase("bigint", "9223372036854775807", "9223372036854775807")]
    [TestCase("decimal(8,1)", "98101.0", "98101.0")]
    [TestCase("decimal(20,10)", "0.0000000001", "0.0000000001")]
    [TestCase("double precision", "98101.5", "98101.5")]
    [TestCase("char(10)", "ab  ", "ab")]
    [TestCase("varchar(10)", "ab  ", "ab  ")]
    [TestCase("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000")]
    public async Task ReadAsync_WritesNumbersAndTheLikeAsText(string type, string value, string expected) => await ReadsTextAsync(type, value, expected);

    [TestCase("\"Joe's Gym\"", "Joe's Gym")]
    [TestCase("\"Joe\\u0027s \\\"Gym\\\" \\\\ \\ud83c\\udfcb\"", "Joe's \"Gym\" \\ 🏋")]
    [TestCase("\"\"", "")]
    [TestCase(" \"x\" ", "x")]
    [TestCase("null", "")]
    [TestCase("2139", "2139")]
    [TestCase("98101.0", "98101.0")]
    [TestCase("-0.5", "-0.5")]
    [TestCase("true", "true")]
    [TestCase("\"null\"", "null")]
    [TestCase("\"{}\"", "{}")]
    [TestCase("\"東京 Café\"", "東京 Café")]
    public async Task ReadAsync_TakesAScalarOutOfJson(string json, string expected) => await ReadsTextAsync("json", json, expected);

    [TestCase("{}", "{}")]
    [TestCase("{\"en\": \"Gym\"}", "{\"en\": \"Gym\"}")]
    [TestCase("[\"Gym\", 1]", "[\"Gym\", 1]")]
    [TestCase("[]", "[]")]
    public async Task ReadAsync_LeavesOutJsonThatIsNoScalar_AndRejectsWhatNeedsIt(string json, string shown)
    {
        await using var source = await CreateAsync(Facilities.Table(text: "json"));
        string?[] complete = ["\"Gym\"", null, null, "\"DE\"", "\"Köln\"", null, "\"50667\"", "\"Torstraße 1\""];
        string[] columns = ["name", "telephone", "url", "country", "locality", "region", "postal_code", "street_address"];
        for (var column = 0; column < columns.Length; column++)
        {
            string?[] values = [.. complete.Select((value, at) => at == column ? json : value)];
            await InsertJsonAsync(source, column, values);
        }

        var (rows, noted) = await source.ShapedAsync();

        Assert.That(noted, Is.EqualTo(columns.Select((column, id) => new NotedRecord(column is not ("telephone" or "url" or "region"), id, column, $"{column}_unusable", shown))));
        Assert.That(rows.Select(row => (row.Id, row.Phone, row.Url, row.Region)), Is.EqualTo(new[] { (1L, "", "", ""), (2L, "", "", ""), (5L, "", "", "") }));
    }

    [Test]
    public async Task ReadAsync_GoesOn_WhenJsonHasAZero() => await GoesOnAsync("json", "\"a\\u0000b\"", new NotedRecord(false, 2, "name", "name_characters_removed", "a\\u0000b"));

    [TestCase("", null)]
    [TestCase("   ", null)]
    [TestCase("\u00A0\t\u3000", null)]
    [TestCase("52.515625", 52.515625)]
    [TestCase(" 52.5\n", 52.5)]
    [TestCase("\u00A052.5\u00A0", 52.5)]
    [TestCase("+1.5e1", 15)]
    [TestCase("-.5", -0.5)]
    [TestCase("52.", 52)]
    [TestCase("52", 52)]
    [TestCase("0.1", 0.1)]
    [TestCase("89.99999999999999", 89.99999999999999)]
    [TestCase("52.51999999999999602000000000000000000000000000000000000000000000000", 52.51999999999999602)]
    [TestCase("1e-400", 0)]
    [TestCase("NaN", double.NaN)]
    [TestCase("nan", double.NaN)]
    [TestCase("Infinity", double.PositiveInfinity)]
    [TestCase(" -infinity", double.NegativeInfinity)]
    public async Task ReadAsync_ReadsDegreesOfText(string text, double? degrees)
    {
        await using var source = await CreateAsync(Facilities.Table(coordinate: Words.LongText));
        await InsertPlaceAsync(source, 1, "48.25", text);

        var read = (await source.ReadAsync()).Single();

        Assert.That((read.Latitude, read.Longitude), Is.EqualTo(((double?)48.25, degrees)));
    }

    [TestCase("52,5")]
    [TestCase("52,520008")]
    [TestCase("52,13", Description = "52° N 13° E, perhaps")]
    [TestCase("52.5° N")]
    [TestCase("52.5N")]
    [TestCase("N52.5")]
    [TestCase("52 30 0")]
    [TestCase("52°31'12\"N")]
    [TestCase("N/A")]
    [TestCase("abc")]
    [TestCase("null")]
    [TestCase("-")]
    [TestCase("#REF!")]
    [TestCase("1e400")]
    [TestCase("-1e400")]
    [TestCase("5\u00A02.5")]
    [TestCase("1,052.5")]
    [TestCase("52'500")]
    [TestCase("\u221213.4", Description = "a typographer's minus")]
    [TestCase("５２.５")]
    [TestCase("52.5, 13.4")]
    [TestCase("52.5 13.4")]
    [TestCase("POINT(13.4 52.5)")]
    [TestCase("{\"type\": \"Point\"}")]
    [TestCase("(52.5)")]
    [TestCase("0x34")]
    [TestCase("1_000")]
    [TestCase("52.5.1")]
    [TestCase("5e")]
    [TestCase("inf")]
    [TestCase("\u221E")]
    public async Task ReadAsync_GoesOnWithoutDegreesThatAreNoNumber(string text)
    {
        await using var source = await CreateAsync(Facilities.Table(coordinate: Words.LongText));
        await InsertPlaceAsync(source, 1, "48.25", "11.5");
        await InsertPlaceAsync(source, 2, text, "13.5");
        await InsertPlaceAsync(source, 3, "52.5", text);
        await InsertPlaceAsync(source, 4, text, text);
        await InsertPlaceAsync(source, 5, text, null);
        await InsertPlaceAsync(source, 6, "-33.5", "151.25");

        var (rows, noted) = await source.ShapedAsync();

        Assert.That(rows.Select(row => (row.Latitude, row.Longitude)), Is.EqualTo(new (double?, double?)[] { (48.25, 11.5), (null, null), (null, null), (null, null), (null, null), (-33.5, 151.25) }));
        Assert.That(noted, Is.EqualTo(new[]
        {
            new NotedRecord(false, 2, "coordinates", "coordinates_unusable", $"'{text}', 13.5"),
            new NotedRecord(false, 3, "coordinates", "coordinates_unusable", $"52.5, '{text}'"),
            new NotedRecord(false, 4, "coordinates", "coordinates_unusable", $"'{text}', '{text}'"),
            new NotedRecord(false, 5, "coordinates", "coordinates_unusable", $"'{text}', none"),
        }));
    }

    [Test]
    public async Task ReadAsync_ShowsBothDegrees_HoweverLongAndOddOneIs()
    {
        await using var source = await CreateAsync(Facilities.Table(coordinate: Words.LongText));
        await InsertPlaceAsync(source, 1, new string('ü', 100_000), "13.5\n\u001B[31m");

        var (_, noted) = await source.ShapedAsync();

        Assert.That(noted.Single().Value, Is.EqualTo($"'{new string('ü', 90)}…', '13.5\\u000A\\u001B[31m'"));
    }

    [TestCase("NaN", "Infinity", "NaN, Infinity")]
    [TestCase("52.5", "NaN", "52.5, NaN")]
    [TestCase("-Infinity", "13.5", "-Infinity, 13.5")]
    public async Task ReadAsync_GoesOn_WithWordsForWhatIsNotFinite(string latitude, string longitude, string shown)
    {
        await using var source = await CreateAsync(Facilities.Table(coordinate: Words.LongText));
        await InsertPlaceAsync(source, 1, latitude, longitude);

        Assert.That((await source.ShapedAsync()).Noted, Is.EqualTo(new[] { new NotedRecord(false, 1, "coordinates", "coordinates_not_finite", shown) }));
    }

    [TestCase("52.515625", 52.515625, null)]
    [TestCase("\"52.515625\"", 52.515625, null)]
    [TestCase("\" 52.5 \"", 52.5, null)]
    [TestCase("-5.25e1", -52.5, null)]
    [TestCase("null", null, null)]
    [TestCase("\"\"", null, null)]
    [TestCase("\"52,5\"", null, "52,5")]
    [TestCase("true", null, "true")]
    [TestCase("[52.5, 13.4]", null, "[52.5, 13.4]")]
    [TestCase("{\"type\": \"Point\"}", null, "{\"type\": \"Point\"}")]
    public async Task ReadAsync_ReadsDegreesOfJson(string json, double? degrees, string? unusable)
    {
        await using var source = await CreateAsync(Facilities.Table(coordinate: "json"));
        await InsertPlaceAsync(source, 1, json, "13.5");

        Assert.That((await source.ReadAsync()).Single().Latitude, Is.EqualTo(degrees));
        Assert.That((await source.ShapedAsync()).Noted.Select(note => note.Value), Is.EqualTo(unusable is null ? (degrees is null ? ["none, 13.5"] : Array.Empty<string>()) : [$"'{unusable}', 13.5"]));
    }

    /// <summary>For the cases of each engine: every column of the type but the key is refused before anything is read.</summary>
    protected async Task RefusesColumnAsync(string column, string type, string shown, string kind)
    {
        await using var source = await CreateAsync(Facilities.EmptyTable + $"ALTER TABLE facility DROP COLUMN {column}; ALTER TABLE facility ADD COLUMN {column} {type}");

        foreach (var refusal in new[] { await RefusalAsync(source), await KeysRefusalAsync(source), (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.ReadAsync()))! })
        {
            Assert.That(refusal.Message, Does.Contain($"facility.{column} in").And.Contain($"is {shown}").And.Contain($", which cannot be read as {kind}: change the column's type, or let Feeds:facility:Table name a view that converts it"));
        }
    }

    /// <summary>For the cases of each engine: the value of a column of that type comes as this text.</summary>
    protected async Task ReadsTextAsync(string type, string value, string expected, string script = "")
    {
        await using var source = await CreateAsync(script + Facilities.EmptyTable + $"ALTER TABLE facility DROP COLUMN name; ALTER TABLE facility ADD COLUMN name {type}");
        await source.Database.ExecuteAsync($"INSERT INTO facility (id, name) VALUES (1, {Words.Literal(value)}), (2, NULL)");

        Assert.That((await source.ReadAsync()).Select(row => row.Name), Is.EqualTo(new[] { expected, "" }));
    }

    /// <summary>For the cases of each engine: a value of a name that cannot be published as it is, between others that can.</summary>
    protected async Task GoesOnAsync(string type, string name, NotedRecord noted)
    {
        await using var source = await CreateAsync(Facilities.Table(text: type));
        string[] names = ["\"before\"", name, "\"after\""];
        for (var id = 1; id <= names.Length; id++)
        {
            await InsertJsonAsync(source, id, [names[id - 1], null, null, "\"DE\"", "\"Köln\"", null, "\"50667\"", "\"Torstraße 1\""]);
        }

        var shaped = await source.ShapedAsync();

        Assert.That(shaped.Rows.Select(row => row.Id), Is.EqualTo(noted.IsRejected ? new long[] { 1, 3 } : [1, 2, 3]));
        Assert.That(shaped.Noted, Is.EqualTo(new[] { noted }));
    }

    private async Task InsertJsonAsync(TestSource source, long id, string?[] texts) => await source.Database.ExecuteAsync(
        $"INSERT INTO facility (id, name, phone, url, country, locality, region, postal_code, street_address) VALUES ({id}, {string.Join(", ", texts.Select(text => text is null ? "NULL" : Words.Literal(text)))})");

    private async Task InsertPlaceAsync(TestSource source, long id, string latitude, string? longitude) => await source.Database.ExecuteAsync(
        $"INSERT INTO facility (id, name, country, locality, postal_code, street_address, latitude, longitude) VALUES ({id}, 'Gym', 'DE', 'Köln', '50667', 'Torstraße 1', {Words.Literal(latitude)}, {(longitude is null ? "NULL" : Words.Literal(longitude))})");
}
