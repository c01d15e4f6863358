namespace FacilityFeed.Tests.Settings;

public sealed class UnknownSettingTests
{
    [TestCase("Feeds:facility:ChunkSise", "did you mean ChunkSize?")]
    [TestCase("Feeds__facility__ChunkSise", "did you mean ChunkSize?")]
    [TestCase("Feeds:facility:TimeZoneId", "did you mean TimeZone?")]
    [TestCase("Feeds:facility:MaxAges", "did you mean MaxAge?")]
    [TestCase("Feeds:facility:CRN", "did you mean Cron?")]
    [TestCase("Feeds:facility:Name:Long", "remove it, or see the settings in README.md")]
    [TestCase("Feeds:facility:Gaurd:MinRecords", "did you mean Feeds:facility:Guard:MinRecords?")]
    [TestCase("Feeds:facility:Nmae", "did you mean Name?")]
    [TestCase("Feeds:facility:RedriveWithn", "did you mean RedriveWithin?")]
    [TestCase("Source:Pasword", "did you mean Password?")]
    [TestCase("Source:StatementTimeout", "Source has AllowClearTextPassword, Database, Engine, Host, Password, Port, SslMode, StatementTimeoutSeconds, TrustedHosts, User")]
    [TestCase("State:ConectionString", "did you mean ConnectionString?")]
    [TestCase("Stores:local:Pth", "did you mean Path?")]
    [TestCase("Stores:local:Folder", "Stores:local has Kind, Path")]
    [TestCase("Dashboard:Prot", "did you mean Port?")]
    [TestCase("Dashboard:Pot", "did you mean Port?")]
    [TestCase("Deliveries:dropbox:Host", "remove it, or see the settings in README.md")]
    public void Read_TellsAKeyThatIsNoSetting(string key, string remedy)
    {
        var problems = Configured.ProblemsWith((key, "hunter2"));

        Assert.That(problems, Is.EqualTo(new[] { $"{key.Replace("__", ":", StringComparison.Ordinal)} is not a setting: {remedy}" }));
    }

    [Test]
    public void Read_TellsAWrongKeyOfTheSource_WhenTheSourceIsSet() =>
        Assert.That(Configured.ProblemsWith(("DB_NAME", "places"), ("DB_USER", "reader"), ("Source:Timeout", "5")), Has.Count.EqualTo(1).And.Some.StartsWith("Source:Timeout is not a setting: "));

    [TestCase("SOURCE:STATEMENTTIMEOUTSECONDS", "5")]
    [TestCase("feeds:FACILITY:chunksize", "5")]
    [TestCase("Logging:LogLevel:Default", "Debug")]
    [TestCase("Sources:Anything", "1")]
    [TestCase("Feeds:facility:ChunkSise", "")]
    public void Read_TellsNothing_WhenTheKeyIsASettingOrNotOurs(string key, string value) => Assert.That(Configured.ProblemsWith((key, value)), Is.Empty);

    [Test]
    public void Read_SaysNothingOfAFeedThatIsNotRead() =>
        Assert.That(Configured.ProblemsWith(("Feeds:courts:Enabled", "FALSE"), ("feeds:COURTS:Nmae", "courts")), Is.Empty);

    [Test]
    public void Read_TellsAWrongKey_BesideAFeedThatIsNotRead() =>
        Assert.That(Configured.ProblemsWith(("Feeds:court:Enabled", "false"), ("Feeds:courts:Name", "courts"), ("Feeds:courts:Prefix", "c"), ("Feeds:courts:Pefix", "d")),
            Is.EqualTo(new[] { "Feeds:courts:Pefix is not a setting: did you mean Prefix?" }));

    [TestCase("Stores:lcoal:Path", "Stores:lcoal is used by no feed: did you mean Stores:local?")]
    [TestCase("Stores__archvie__Path", "Stores:archvie is used by no feed: did you mean Stores:archive?")]
    public void Read_WarnsOfAStoreThatNobodyUses_WhenAnotherIsCalledNearlyTheSame(string key, string warning) =>
        Assert.That(Configured.With((key, "/x"), ("Stores:archive:Path", "/y"), ("Feeds:facility:Store", "archive")).Warnings, Is.EqualTo(new[] { warning }));

    [TestCase("Stores:archive2:Path")]
    [TestCase("Stores:old:Path")]
    [TestCase("Stores:LOCAL:Path")]
    public void Read_SaysNothingOfAnotherStore(string key) =>
        Assert.That(Configured.With((key, "/x"), ("Stores:archive:Path", "/y"), ("Feeds:facility:Store", "archive")).Warnings, Is.Empty);
}
