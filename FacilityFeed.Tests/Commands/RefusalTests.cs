using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>What a person can mend is said in one line that names the setting, its value and what to do; the exit code is 2.</summary>
public sealed class RefusalTests
{
    private const string Secret = "s3cret;pass%word";

    [TestCase("CHUNK_SIZE", "0", "CHUNK_SIZE (Feeds:facility:ChunkSize) is '0'", "whole number from 1")]
    [TestCase("CHUNK_SIZE", "abc", "CHUNK_SIZE (Feeds:facility:ChunkSize) is 'abc'", "whole number from 1")]
    [TestCase("FEED_CRON", "every day", "FEED_CRON (Feeds:facility:Cron) is 'every day'", "'0 3 * * *'")]
    [TestCase("FEED_CRON", "61 3 * * *", "FEED_CRON (Feeds:facility:Cron) is '61 3 * * *'", "minute hour day month weekday")]
    [TestCase("FEED_TYPE", "hotel", "FEED_TYPE (Feeds:facility:Type) is 'hotel'", "facility")]
    [TestCase("HTTP_PORT", "70000", "HTTP_PORT (Dashboard:Port) is '70000'", "65535")]
    [TestCase("Feeds__facility__TimeZone", "Europe/Atlantis", "Feeds:facility:TimeZone is 'Europe/Atlantis'", "")]
    public async Task Publish_NamesTheSetting_WhenItsValueCannotBeUsed(string name, string value, string setting, string remedy)
    {
        await using var installation = Installation.Bare();
        installation.Settings[name] = value;

        var result = await installation.RunAsync("publish", "facility", "--json");

        AssertRefused(result, setting, remedy);
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }

    [Test]
    public async Task Publish_ListsTheFeeds_WhenThereIsNoSuchFeed()
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync("publish", "studios");

        AssertRefused(result, "There is no feed 'studios'", "the configured feeds are facility");
    }

    [Test]
    public async Task Publish_SaysWhatCanBeRead_WhenTheEngineIsAnother()
    {
        await using var installation = Installation.Bare();
        installation.Settings["DB_ENGINE"] = "oracle";
        installation.Settings["DB_NAME"] = "shop";
        installation.Settings["DB_USER"] = "reader";
        installation.Settings["DB_PASSWORD"] = Secret;

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, "DB_ENGINE (Source:Engine) is 'oracle'", "postgresql, postgres, mysql, mariadb");
    }

    [TestCase("nonsense and s3cret;pass%word")]
    [TestCase("Host=db;Pasword=s3cret;pass%word")]
    [TestCase("Host=db;Port=s3cret;pass%word")]
    public async Task Publish_SaysHowToWriteIt_WhenTheStateConnectionStringDoesNotParse(string value)
    {
        await using var installation = Installation.Bare();
        installation.Settings["STATE_DB"] = value;
        installation.Settings["DB_NAME"] = "shop";
        installation.Settings["DB_USER"] = "reader";

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, "STATE_DB (State:ConnectionString) is not a connection string", "Host=...");
        Assert.That(result.Errors, Does.Not.Contain("s3cret"));
    }

    [Test]
    public async Task Publish_ListsEveryProblem_OneALine()
    {
        await using var installation = Installation.Bare();
        installation.Settings["CHUNK_SIZE"] = "0";
        installation.Settings["DB_PORT"] = "no port";

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.ErrorLines, Has.All.StartsWith("error: "));
        Assert.That(result.ErrorLines, Has.One.Contains("CHUNK_SIZE").And.One.Contains("DB_PORT").And.One.Contains("DB_NAME").And.One.Contains("DB_USER"));
    }

    [Test]
    public async Task Publish_ListsWhatAnActionFeedNeeds_WhenOnlyItsTypeIsSet()
    {
        await using var installation = Installation.Bare();
        installation.Settings["FEED_TYPE"] = "action";

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.ErrorLines, Has.Count.EqualTo(2).And.All.StartsWith("error: Feeds:facility:").And.All.Contains(" is not set: "));
        Assert.That(result.ErrorLines, Has.One.Contains("UrlTemplate").And.One.Contains("ActionKind"));
    }

    [Test]
    public async Task Publish_NamesTheTable_WhenItIsMissing()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        installation.Settings["Feeds__facility__Table"] = "studios";

        var result = await installation.RunAsync("publish", "facility");
        var verbose = await installation.RunAsync("publish", "facility", "--verbose");

        AssertRefused(result, "no table or view studios", "Feeds:facility:Table");
        Assert.That(verbose.ExitCode, Is.EqualTo(2));
        Assert.That(verbose.Errors, Does.Contain("error: ").And.Contain("no table or view studios").And.Match("\n +at FacilityFeed\\."));
    }

    [Test]
    public async Task Publish_NamesTheColumn_WhenItIsMissing()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable + "ALTER TABLE facility RENAME postal_code TO zip");

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, "facility", "lacks the column postal_code");
        Assert.That(await installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.Zero);
    }

    [Test]
    public async Task Publish_NamesThePassword_WhenItIsWrong()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        installation.Settings["DB_PASSWORD"] = Secret;

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, "DB_PASSWORD (Source:Password)", "check it");
    }

    [Test]
    public async Task Publish_NamesStateDb_WhenItsPasswordIsWrong()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        installation.Settings["STATE_DB"] = new Npgsql.NpgsqlConnectionStringBuilder(installation.Settings["STATE_DB"]) { Password = Secret }.ConnectionString;

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, "STATE_DB (State:ConnectionString)", "password");
    }

    [Test]
    public async Task Publish_NamesStateDb_WhenItsPasswordIsMissing()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        installation.Settings["STATE_DB"] = new Npgsql.NpgsqlConnectionStringBuilder(installation.Settings["STATE_DB"]) { Password = null }.ConnectionString;

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, "STATE_DB (State:ConnectionString)", "add Password=");
    }

    [Test]
    public async Task Publish_NamesTheFolder_WhenItCannotBeWritten()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 3));
        await File.WriteAllTextAsync(installation.Folder.File("a file"), "");
        var path = installation.Folder.File("a file/feeds");
        installation.Settings["LOCAL_STORAGE_PATH"] = path;

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, $"LOCAL_STORAGE_PATH (Stores:local:Path) is '{path}'", "write access");
    }

    [Test]
    public async Task Publish_NamesDataDir_WhenItCannotBeWritten()
    {
        await using var installation = Installation.Bare();
        await File.WriteAllTextAsync(installation.Folder.File("a file"), "");
        installation.Settings["DATA_DIR"] = "a file/data";

        var result = await installation.RunAsync("publish", "facility");

        AssertRefused(result, "DATA_DIR (State:DataDirectory)", "write access");
    }

    [Test]
    public async Task Serve_NamesThePort_WhenItIsInUse()
    {
        await using var installation = Installation.Bare();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        installation.Settings["HTTP_PORT"] = port;

        var result = await installation.RunAsync("serve");

        AssertRefused(result, $"HTTP_PORT (Dashboard:Port) is {port}", "choose another port");
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }

    private static void AssertRefused(ProgramResult result, string setting, string remedy)
    {
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Errors);
        Assert.That(result.ErrorLines, Has.Count.EqualTo(1), result.Errors);
        Assert.That(result.Errors, Does.StartWith("error: ").And.Contain(setting).And.Contain(remedy));
        Assert.That(result.Errors, Does.Not.Contain("   at ").And.Not.Contain(Secret));
        Assert.That(result.Output, Is.Empty);
    }
}
