using FacilityFeed.Domain;

namespace FacilityFeed.Tests.Settings;

public sealed class SettingsProblemTests
{
    [TestCase("CHUNK_SIZE", "Feeds:facility:ChunkSize", "0")]
    [TestCase("CHUNK_SIZE", "Feeds:facility:ChunkSize", "-5")]
    [TestCase("CHUNK_SIZE", "Feeds:facility:ChunkSize", "10000001")]
    [TestCase("CHUNK_SIZE", "Feeds:facility:ChunkSize", "many")]
    [TestCase("CHUNK_SIZE", "Feeds:facility:ChunkSize", "1.5")]
    [TestCase("CHUNK_SIZE", "Feeds:facility:ChunkSize", "99999999999999999999")]
    [TestCase("FEED_CRON", "Feeds:facility:Cron", "every day")]
    [TestCase("FEED_CRON", "Feeds:facility:Cron", "61 3 * * *")]
    [TestCase("FEED_CRON", "Feeds:facility:Cron", "0 3 * *")]
    [TestCase("FEED_CRON", "Feeds:facility:Cron", "0 0 3 * * * *")]
    [TestCase("FEED_TYPE", "Feeds:facility:Type", "services")]
    [TestCase("FEED_NAME", "Feeds:facility:Name", "a/b")]
    [TestCase("FEED_NAME", "Feeds:facility:Name", ".hidden")]
    [TestCase("FEED_NAME", "Feeds:facility:Name", "line\n")]
    [TestCase("HTTP_PORT", "Dashboard:Port", "65536")]
    [TestCase("HTTP_PORT", "Dashboard:Port", "http")]
    [TestCase("HTTP_ADDRESS", "Dashboard:Address", "0.0.0.0")]
    public void Read_NamesSettingAndValue_WhenAPlainNameIsWrong(string plain, string key, string value) =>
        Assert.That(Configured.ProblemsWith((plain, value)), Has.Count.EqualTo(1).And.Some.StartsWith($"{plain} ({key}) is '{ShownValue.Of(value)}': "));

    [TestCase("Feeds:facility:TimeZone", "Mars/Olympus")]
    [TestCase("Feeds:facility:TimeZone", "Europe")]
    [TestCase("Feeds:facility:TimeZone", "../../../etc/passwd")]
    [TestCase("Feeds:facility:MaxChunks", "2001")]
    [TestCase("Feeds:facility:MaxChunks", "0")]
    [TestCase("Feeds:facility:RedriveWithin", "59s")]
    [TestCase("Feeds:facility:RedriveWithin", "366d")]
    [TestCase("Feeds:facility:RedriveWithin", "1.5d")]
    [TestCase("Feeds:facility:MaxAge", "36")]
    [TestCase("Feeds:facility:MaxAge", "59s")]
    [TestCase("Feeds:facility:MaxAge", "1.5h")]
    [TestCase("Feeds:facility:Workers", "0")]
    [TestCase("Feeds:facility:Compression", "zip")]
    [TestCase("Feeds:facility:Store", "bucket")]
    [TestCase("Feeds:facility:Prefix", "a/../b")]
    [TestCase("Feeds:facility:Prefix", "a\\b")]
    [TestCase("Feeds:facility:Table", "a.b.c")]
    [TestCase("Feeds:facility:Table", "a.")]
    [TestCase("Stores:local:Kind", "tape")]
    public void Read_NamesSettingAndValue_WhenASectionKeyIsWrong(string key, string value) =>
        Assert.That(Configured.ProblemsWith((key, value)), Has.Count.EqualTo(1).And.Some.StartsWith($"{key} is '{value}': "));

    [Test]
    public void Read_SaysHowALengthOfTimeIsWritten() =>
        Assert.That(Configured.ProblemsWith(("Feeds:facility:RedriveWithin", "a day")), Is.EqualTo(new[] { "Feeds:facility:RedriveWithin is 'a day': it must be a length of time from 60 s to 365 days, as in 90min, 36h or 7d; or off" }));

    [Test]
    public void Read_NamesSettingAndValue_WhenTheSslModeIsWrong() =>
        Assert.That(Configured.ProblemsWith(("DB_NAME", "places"), ("DB_USER", "reader"), ("Source:SslMode", "maybe")), Is.EqualTo(new[] { "Source:SslMode is 'maybe': it must be one of preferred, required, verify-full, none" }));

    [TestCase("DB_PORT", "Source:Port", "0")]
    [TestCase("DB_PORT", "Source:Port", "x")]
    [TestCase("DB_ENGINE", "Source:Engine", "oracle")]
    public void Read_NamesSettingAndValue_WhenTheSourceIsWrong(string plain, string key, string value) =>
        Assert.That(Configured.ProblemsWith(("DB_NAME", "places"), ("DB_USER", "reader"), (plain, value)), Has.Count.EqualTo(1).And.Some.StartsWith($"{plain} ({key}) is '{ShownValue.Of(value)}': "));

    [Test]
    public void Read_NamesWhatIsMissing_WhenTheSourceIsHalfSet() =>
        Assert.That(Configured.ProblemsWith(("DB_HOST", "db.example")), Is.EquivalentTo(new[]
        {
            "DB_NAME (Source:Database) is not set: name the database to read, or unset every DB_ name and STATE_DB to read the sample data",
            "DB_USER (Source:User) is not set: name the database user to read with",
        }));

    [Test]
    public void Read_AsksForASource_WhenOnlyTheStateIsSet() =>
        Assert.That(Configured.ProblemsWith(("STATE_DB", "Host=state.example;Database=state")), Has.Some.StartsWith("DB_NAME (Source:Database) is not set"));

    [Test]
    public void Read_TellsEveryProblemAtOnce()
    {
        var problems = Configured.ProblemsWith(
            ("CHUNK_SIZE", "0"), ("FEED_CRON", "never"), ("HTTP_PORT", "x"), ("STATE_DB", "nonsense"), ("DB_PORT", "-1"), ("Feeds:facility:TimeZone", "Nowhere"), ("Feeds:facility:Store", "gone"));

        string[] named = ["CHUNK_SIZE (", "FEED_CRON (", "HTTP_PORT (", "STATE_DB (", "DB_PORT (", "Feeds:facility:TimeZone ", "Feeds:facility:Store ", "DB_NAME (", "DB_USER ("];
        Assert.That(problems, Has.Count.EqualTo(named.Length));
        Assert.That(named.Where(name => !problems.Any(problem => problem.StartsWith(name, StringComparison.Ordinal))), Is.Empty);
    }

    [TestCase("nonsense hunter2")]
    [TestCase("Host=h;Password=hunter2;Port=hunter2")]
    [TestCase("Host=h;Password=hunter2;Port=99999999999")]
    [TestCase("Host=h;Password=hunter2;Hunter2=1")]
    [TestCase("Host=h;Password='hunter2")]
    [TestCase("Password=hunter2")]
    [TestCase("postgres://user:hunter2@host/db")]
    public void Read_ShowsNoPassword_WhenStateDbCannotBeRead(string value)
    {
        var problems = Configured.ProblemsWith(("STATE_DB", value), ("DB_NAME", "places"), ("DB_USER", "reader"));

        Assert.That(problems, Has.Count.EqualTo(1).And.Some.StartsWith("STATE_DB (State:ConnectionString) is not a connection string"));
        Assert.That(problems, Has.None.Contains("hunter2").IgnoreCase);
    }

    [Test]
    public void Read_ShowsNoPassword_WhenAllElseIsWrong()
    {
        var problems = Configured.ProblemsWith(("DB_PASSWORD", "hunter2"), ("DB_PORT", "x"), ("DB_ENGINE", "x"), ("CHUNK_SIZE", "x"), ("STATE_DB", "x"));

        Assert.That(problems, Has.Count.GreaterThan(4).And.None.Contains("hunter2"));
    }

    [Test]
    public void Read_RefusesTwoFeedsOfOneName() =>
        Assert.That(Configured.ProblemsWith(("Feeds:courts:Name", "reservewithgoogle.entity"), ("Feeds:courts:Prefix", "courts")),
            Has.Count.EqualTo(1).And.Some.Contains("Feeds:courts:Name").And.Some.Contains("Feeds:facility:Name").And.Some.Contains("'reservewithgoogle.entity'"));

    [TestCase("", "", "local")]
    [TestCase("", "/", "local")]
    [TestCase("a", "/a/", "local")]
    [TestCase("", "", "LOCAL")]
    [TestCase("", "", "twin")]
    [TestCase("a/b", "b", "inner")]
    public void Read_RefusesTwoFeedsInOnePlace(string prefix, string otherPrefix, string otherStore)
    {
        var problems = Configured.ProblemsWith(
            ("Feeds:facility:Prefix", prefix), ("Feeds:courts:Name", "courts"), ("Feeds:courts:Prefix", otherPrefix), ("Feeds:courts:Store", otherStore),
            ("Stores:local:Path", "/somewhere/feeds"), ("Stores:twin:Path", "/somewhere/../somewhere/feeds/"), ("Stores:inner:Path", "/somewhere/feeds/a"));

        Assert.That(problems, Has.Count.EqualTo(1).And.Some.Contains("Feeds:courts").And.Some.Contains("Feeds:facility").And.Some.Contains("metadata.json"));
    }

    [Test]
    public void Read_FindsNoTwins_WhenTwoFeedsAreWrongInTheSameSetting()
    {
        var problems = Configured.ProblemsWith(
            ("FEED_NAME", "a/b"), ("Feeds:courts:Name", "c/d"), ("Feeds:facility:Store", "one"), ("Feeds:courts:Store", "two"), ("Feeds:courts:Prefix", ".."));

        Assert.That(problems, Has.Count.EqualTo(5).And.All.Contains(" is '"));
    }

    [TestCase("café")]
    [TestCase("a.b")]
    [TestCase("_a")]
    [TestCase("a b")]
    public void Read_RefusesAFeedKeyThatCannotNameAQueue(string key) =>
        Assert.That(Configured.ProblemsWith(($"Feeds:{key}:Name", "other"), ($"Feeds:{key}:Prefix", "other")), Has.Count.EqualTo(1).And.Some.StartsWith($"Feeds:{key}: a feed's key is"));

    [Test]
    public void Read_AsksForAFeed_WhenThereIsNone() =>
        Assert.That(Configured.ProblemsWithOnly(), Has.Count.EqualTo(1).And.Some.StartsWith("Feeds has no feed"));
}
