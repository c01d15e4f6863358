using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace FacilityFeed.Tests.Settings;

public sealed class ServiceSettingsTests
{
    [Test]
    public void Read_GivesOneFeedWithItsDefaults_FromTheShippedFile()
    {
        var settings = Configured.With();

        Assert.That(settings.Feeds.Keys, Is.EqualTo(new[] { "facility" }));
        var feed = settings.Feeds["facility"];
        Assert.That(feed.Key, Is.EqualTo("facility"));
        Assert.That(feed.Name, Is.EqualTo("reservewithgoogle.entity"));
        Assert.That(feed.Table, Is.EqualTo("facility"));
        Assert.That(feed.ChunkSize, Is.EqualTo(1000));
        Assert.That(feed.MaxChunks, Is.EqualTo(1000));
        Assert.That(feed.RedriveWithin, Is.EqualTo(TimeSpan.FromDays(1)));
        Assert.That(feed.Compression, Is.EqualTo(Compression.Gzip));
        Assert.That(feed.Cron, Is.EqualTo("0 3 * * *"));
        Assert.That(feed.TimeZone, Is.EqualTo(TimeZoneInfo.Utc));
        Assert.That(feed.Workers, Is.InRange(2, 8));
        Assert.That(feed.Store, Is.EqualTo("local"));
        Assert.That(feed.Prefix, Is.Empty);
    }

    [Test]
    public void Read_ReadsTheSampleFromAnEmbeddedServer_WhenNothingIsSet()
    {
        var settings = Configured.With();

        Assert.That(settings.Source, Is.Null);
        Assert.That(settings.State.ConnectionString, Is.Null);
        Assert.That(settings.State.DataDirectory, Is.EqualTo(Path.GetFullPath("data")));
        Assert.That(settings.State.SpoolDirectory, Is.EqualTo(Path.GetFullPath("data/spool")));
        Assert.That(((LocalStoreOptions)settings.Stores["local"]).Path, Is.EqualTo(Path.GetFullPath("data/feeds")));
        Assert.That((settings.HttpPort, settings.IsHttpOpen), Is.EqualTo((5080, false)));
    }

    [Test]
    public void Read_TranslatesEachPlainName()
    {
        var settings = Configured.With(
            ("DB_ENGINE", "postgres"), ("DB_HOST", "db.example"), ("DB_PORT", "6543"), ("DB_NAME", "places"), ("DB_USER", "reader"), ("DB_PASSWORD", "s3cret"),
            ("STATE_DB", "Host=state.example;Database=state;Username=feed;Password=\"a;b=c\""), ("DATA_DIR", "/somewhere/data"), ("LOCAL_STORAGE_PATH", "/somewhere/feeds"),
            ("CHUNK_SIZE", "250"), ("FEED_TYPE", "facility"), ("FEED_NAME", "partner.places"), ("FEED_CRON", "*/10 * * * * *"), ("HTTP_PORT", "8080"), ("HTTP_ADDRESS", "any"));

        Assert.That(settings.Source, Is.EqualTo(new SourceOptions { Host = "db.example", Port = 6543, Database = "places", User = "reader", Password = "s3cret" }));
        Assert.That(new NpgsqlConnectionStringBuilder(settings.State.ConnectionString).Password, Is.EqualTo("a;b=c"));
        Assert.That(settings.State.DataDirectory, Is.EqualTo("/somewhere/data"));
        Assert.That(((LocalStoreOptions)settings.Stores["local"]).Path, Is.EqualTo("/somewhere/feeds"));
        Assert.That(settings.Stores["local"].Setting("Path"), Is.EqualTo("LOCAL_STORAGE_PATH (Stores:local:Path)"));
        var feed = settings.Feeds["facility"];
        Assert.That((feed.ChunkSize, feed.Name, feed.Cron), Is.EqualTo((250, "partner.places", "*/10 * * * * *")));
        Assert.That((settings.HttpPort, settings.IsHttpOpen), Is.EqualTo((8080, true)));
    }

    [Test]
    public void PlainNames_AreAllTranslated()
    {
        var translated = PlainNames.Translate(name => $"value of {name}").ToDictionary();

        Assert.That(translated, Is.EquivalentTo(PlainNames.All.ToDictionary(name => name.Value, name => (string?)$"value of {name.Key}")));
    }

    [TestCase("CHUNK_SIZE")]
    [TestCase("FEED_NAME")]
    [TestCase("DB_HOST")]
    [TestCase("STATE_DB")]
    [TestCase("HTTP_PORT")]
    public void Read_TakesAnEmptyPlainNameAsNotSet(string name) => Assert.That(Configured.ProblemsWith((name, "")), Is.Empty);

    [Test]
    public void Read_LetsASectionKeyWin_WhenThePlainNameIsSetToo()
    {
        var settings = Configured.With(("CHUNK_SIZE", "100"), ("Feeds:facility:ChunkSize", "200"), ("FEED_NAME", "plain"));

        Assert.That(settings.Feeds["facility"].ChunkSize, Is.EqualTo(200));
        Assert.That(settings.Feeds["facility"].Name, Is.EqualTo("plain"), "the plain name wins over the file");
    }

    [Test]
    public void Read_TakesSectionKeysInAnyCase() =>
        Assert.That(Configured.With(("FEEDS:FACILITY:CHUNKSIZE", "200")).Feeds["facility"].ChunkSize, Is.EqualTo(200));

    [Test]
    public void Read_EmbedsOnlyTheState_WhenASourceIsSet()
    {
        var settings = Configured.With(("DB_NAME", "places"), ("DB_USER", "reader"));

        Assert.That(settings.State.ConnectionString, Is.Null);
        Assert.That(settings.Source, Is.EqualTo(new SourceOptions { Host = "localhost", Port = 5432, Database = "places", User = "reader", Password = null }));
    }

    [TestCase("mysql")]
    [TestCase("MariaDB")]
    public void Read_KnowsMySqlByBothNames_AndItsPort(string engine)
    {
        var settings = Configured.With(("DB_ENGINE", engine), ("DB_NAME", "places"), ("DB_USER", "reader"));

        Assert.That(settings.Source, Is.EqualTo(new SourceOptions { Engine = SourceEngine.MySql, Host = "localhost", Port = 3306, Database = "places", User = "reader", Password = null }));
        Assert.That(settings.Source!.Where, Is.EqualTo("MySQL database 'places' at localhost:3306"));
    }

    [TestCase("preferred", SourceSsl.Preferred)]
    [TestCase("required", SourceSsl.Required)]
    [TestCase("verify-full", SourceSsl.VerifyFull)]
    [TestCase("none", SourceSsl.None)]
    public void Read_TakesEachSslMode(string mode, SourceSsl ssl) =>
        Assert.That(Configured.With(("DB_NAME", "places"), ("DB_USER", "reader"), ("Source:SslMode", mode)).Source!.Ssl, Is.EqualTo(ssl));

    [Test]
    public void Read_ReadsTheSample_WhenOnlySomethingElseOfTheSourceIsSet() =>
        Assert.That(Configured.With(("Source:SslMode", "required"), ("Source:StatementTimeoutSeconds", "5")).Source, Is.Null);

    [TestCase("partners/google", "partners/google/")]
    [TestCase("/partners//google/", "partners/google/")]
    [TestCase("/", "")]
    public void Read_EndsAPrefixWithOneSlash(string prefix, string expected) =>
        Assert.That(Configured.With(("Feeds:facility:Prefix", prefix)).Feeds["facility"].Prefix, Is.EqualTo(expected));

    [TestCase("postgresql")]
    [TestCase("mysql")]
    public async Task Connect_ShowsNoPassword(string engine)
    {
        var source = Configured.With(("DB_ENGINE", engine), ("DB_NAME", "places"), ("DB_USER", "reader"), ("DB_PASSWORD", "hunter2")).Source!;
        await using var pool = new SourcePool(source);

        await using var connection = pool.Database.CreateConnection();
        Assert.That(pool.Database.ConnectionString + connection.ConnectionString, Does.Contain("reader").And.Not.Contain("hunter2"));
        Assert.That(source.ToString(), Does.Contain("places").And.Not.Contain("hunter2"));
    }

    [Test]
    public async Task Connect_IsLetIn_WithAPasswordOfEveryKindOfCharacter()
    {
        const string password = "p@ss:/?#%' \"w;=\\";
        await using var database = await Support.TestDatabase.CreateAsync();
        var user = $"reader_{Guid.NewGuid():N}";
        await Support.TestDatabase.ExecuteOnServerAsync($"CREATE ROLE {user} LOGIN PASSWORD '{password.Replace("'", "''", StringComparison.Ordinal)}'");
        try
        {
            var (host, port) = (database.SourceOptions.Host, $"{database.SourceOptions.Port}");
            var settings = Configured.With(("DB_HOST", host), ("DB_PORT", port), ("DB_NAME", database.Name), ("DB_USER", user), ("DB_PASSWORD", password));
            await using var pool = new SourcePool(settings.Source!);

            await using var ask = pool.Database.CreateCommand("SELECT current_user");

            Assert.That(await ask.ExecuteScalarAsync(), Is.EqualTo(user));
        }
        finally
        {
            await Support.TestDatabase.ExecuteOnServerAsync($"DROP ROLE {user}");
        }
    }

    [Test]
    public void Read_TakesSeveralFeeds_WhenNothingIsShared()
    {
        var settings = Configured.With(
            ("Feeds:courts:Name", "courts"), ("Feeds:courts:Prefix", "courts"), ("Feeds:courts:TimeZone", "Europe/Berlin"), ("Feeds:courts:Compression", "None"),
            ("Feeds:clinics:Name", "clinics"), ("Feeds:clinics:Store", "other"), ("Stores:other:Path", "/somewhere/else"));

        Assert.That(settings.Feeds.Keys, Is.EquivalentTo(new[] { "facility", "courts", "clinics" }));
        Assert.That(settings.Feeds["courts"].Compression, Is.EqualTo(Compression.None));
        Assert.That(settings.Feeds["courts"].TimeZone.Id, Is.EqualTo("Europe/Berlin"));
    }

    [Test]
    public void ShippedFile_HoldsNoSecret() =>
        Assert.That(Configured.Build().AsEnumerable().Select(setting => setting.Key), Has.None.Contains("Password").And.None.Contains("ConnectionString"));
}
