using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

/// <summary>Names that nearly are settings are told where they stand; other programs' names are left alone.</summary>
public sealed class MisspeltNamesTests
{
    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("DB_PROT=3", "DB_PROT", "DB_PORT")]
    [TestCase("FEED_CORN=x", "FEED_CORN", "FEED_CRON")]
    [TestCase("CHUNK_SIZ=5", "CHUNK_SIZ", "CHUNK_SIZE")]
    [TestCase("export DB_PROT=3", "DB_PROT", "DB_PORT")]
    [TestCase("  export\tCHUNKSIZE = '5'", "CHUNKSIZE", "CHUNK_SIZE")]
    [TestCase("DB_PASWRD=x", "DB_PASWRD", "DB_PASSWORD")]
    [TestCase("BD_HOST=x", "BD_HOST", "DB_HOST")]
    [TestCase("DB-HOST=x", "DB-HOST", "DB_HOST")]
    [TestCase("db_host=x", "db_host", "DB_HOST", Description = "names have a case here")]
    [TestCase("Db_Hsot=x", "Db_Hsot", "DB_HOST")]
    [TestCase("FEEDS_CRON=x", "FEEDS_CRON", "FEED_CRON")]
    [TestCase("S3_ENDPOINT_URI=x", "S3_ENDPOINT_URI", "S3_ENDPOINT_URL")]
    [TestCase("S3_BUKCET_NAEM=x", "S3_BUKCET_NAEM", "S3_BUCKET_NAME")]
    [TestCase("AWS_SECRETACCESS_KEY=x", "AWS_SECRETACCESS_KEY", "AWS_SECRET_ACCESS_KEY")]
    [TestCase("STATE_BD=x", "STATE_BD", "STATE_DB")]
    [TestCase("DATADIR=x", "DATADIR", "DATA_DIR")]
    [TestCase("HTTP_ADRESS=any", "HTTP_ADRESS", "HTTP_ADDRESS")]
    [TestCase("DB_PASWORD_FILE=x", "DB_PASWORD_FILE", "DB_PASSWORD_FILE")]
    [TestCase("DB_PASSWORD_FIEL=x", "DB_PASSWORD_FIEL", "DB_PASSWORD_FILE")]
    [TestCase("DB_PASSWORDFILE=x", "DB_PASSWORDFILE", "DB_PASSWORD_FILE")]
    [TestCase("State_DB=x", "State_DB", "STATE_DB")]
    [TestCase("DB__HOST=x", "DB__HOST", "DB_HOST")]
    [TestCase("Sorce__Host=x", "Sorce__Host", "Source__Host")]
    [TestCase("Feed__facility__Cron=x", "Feed__facility__Cron", "Feeds__facility__Cron")]
    [TestCase("store__s3__Bucket=x", "store__s3__Bucket", "Stores__s3__Bucket")]
    [TestCase("Dashbord:Port=x", "Dashbord:Port", "Dashboard:Port")]
    [TestCase("Feeds_facility_Cron=x", "Feeds_facility_Cron", "Feeds__facility__Cron")]
    [TestCase("Source.Host=x", "Source.Host", "Source__Host")]
    public void DotEnv_ASlip_IsAProblem(string line, string name, string meant)
    {
        var layers = DotEnv($"# ours\n{line}\n");

        Assert.That(layers.Problems, Is.EqualTo(new[] { $"{name} (in {_folder.File(".env")}) is not a setting: did you mean {meant}?" }));
        Assert.That(layers.Warnings, Is.Empty);
    }

    [TestCase("MDB_HOST", "DB_HOST")]
    [TestCase("RDB_HOST", "DB_HOST")]
    [TestCase("TDB_PASSWORD", "DB_PASSWORD")]
    [TestCase("DBA_USER", "DB_USER")]
    [TestCase("STATS_DB", "STATE_DB")]
    [TestCase("DATADIR", "DATA_DIR")]
    [TestCase("DBNAME", "DB_NAME")]
    [TestCase("DB_NAMES", "DB_NAME")]
    [TestCase("AWS_REGIONS", "AWS_REGION")]
    [TestCase("FEEDS_CRON", "FEED_CRON")]
    [TestCase("D3_PREFIX", "S3_PREFIX")]
    [TestCase("MDB_PASSWORD_FILE", "DB_PASSWORD_FILE")]
    [TestCase("Sorce__Host", "Source__Host")]
    public void DotEnv_WhatMayBeAnotherProgramsName_IsAProblemOnlyWhereOursIsSetNowhere(string name, string meant)
    {
        var told = $"{name} (in {_folder.File(".env")}) is not a setting";
        var ours = meant.Replace("_FILE", "", StringComparison.Ordinal);
        var alone = DotEnv($"{name}=x\n");
        var beside = DotEnv($"{name}=x\n{ours}=y\n");
        var elsewhere = DotEnv($"{name}=x\n").AddEnvironment([KeyValuePair.Create(ours, "y")], "/");

        Assert.That((alone.Problems, alone.Warnings), Is.EqualTo((new[] { $"{told}: did you mean {meant}?" }, Array.Empty<string>())));
        foreach (var layers in new[] { beside, elsewhere })
        {
            Assert.That((layers.Problems, layers.Warnings), Is.EqualTo((Array.Empty<string>(), new[] { $"{told}, so it is not read: did you mean {meant}?" })));
        }
    }

    [TestCase("DB_PROT", "DB_PORT")]
    [TestCase("FEED_CORN", "FEED_CRON")]
    [TestCase("CHUNK_SIZ", "CHUNK_SIZE")]
    [TestCase("CHNUK_SIZE", "CHUNK_SIZE")]
    [TestCase("db_host", "DB_HOST")]
    [TestCase("BD_HOST", "DB_HOST")]
    [TestCase("DB-HOST", "DB_HOST")]
    [TestCase("DB__HOST", "DB_HOST")]
    [TestCase("Soruce__Host", "Source__Host")]
    public void DotEnv_ASlipThatIsNobodysName_IsAProblemWhateverElseIsSet(string name, string meant) =>
        Assert.That(DotEnv($"{meant}=5\n{name}=3\n").Problems, Is.EqualTo(new[] { $"{name} (in {_folder.File(".env")}) is not a setting: did you mean {meant}?" }));

    [Test]
    public void DotEnv_AForeignSection_IsNoProblem() =>
        Assert.That((DotEnv("STATS__X=1\n").Problems, DotEnv("STATS__X=1\n").Warnings), Is.EqualTo((Array.Empty<string>(), new[] { $"STATS__X (in {_folder.File(".env")}) is not a setting, so it is not read: did you mean State__X?" })));

    [TestCase("NODE_ENV")]
    [TestCase("COMPOSE_PROJECT_NAME")]
    [TestCase("COMPOSE_PROFILES")]
    [TestCase("POSTGRES_PASSWORD")]
    [TestCase("POSTGRES_DB")]
    [TestCase("PG_PASSWORD")]
    [TestCase("PGPASSWORD")]
    [TestCase("MY_PASSWORD")]
    [TestCase("MYSQL_DATABASE")]
    [TestCase("DATABASE_URL")]
    [TestCase("REDIS_HOST")]
    [TestCase("SMTP_PORT")]
    [TestCase("APP_NAME")]
    [TestCase("TZ")]
    [TestCase("PORT")]
    [TestCase("HTTPS_PORT")]
    [TestCase("HTTP_PORTS")]
    [TestCase("HTTPS_PROXY")]
    [TestCase("SOURCE_DATE_EPOCH")]
    [TestCase("ASPNETCORE_HTTP_PORTS")]
    [TestCase("Logging__LogLevel__Default")]
    [TestCase("Kestrel__Limits__MaxConcurrentConnections")]
    [TestCase("DB2_HOST")]
    public void DotEnv_AnotherProgramsName_IsLeftAlone(string name)
    {
        var layers = DotEnv($"{name}=x\n");

        Assert.That(layers.Problems.Concat(layers.Warnings), Is.Empty);
    }

    [TestCase("S3_BUCKET", "did you mean S3_BUCKET_NAME?")]
    [TestCase("S3_ENDPOINT", "did you mean S3_ENDPOINT_URL?")]
    [TestCase("DB_PASS", "did you mean DB_PASSWORD?")]
    [TestCase("DB_USERNAME", "did you mean DB_USER?")]
    [TestCase("DATA_DIRECTORY", "did you mean DATA_DIR?")]
    [TestCase("DB_POOL", "DB_ has DB_ENGINE, DB_HOST, DB_NAME, DB_PASSWORD, DB_PORT, DB_USER")]
    [TestCase("DB_TEST", "DB_ has DB_ENGINE, ")]
    [TestCase("DB_CERT_FILE", "DB_ has DB_ENGINE, ")]
    [TestCase("DB_URL", "DB_ has DB_ENGINE, ")]
    [TestCase("DB_HOST2", "did you mean DB_HOST?")]
    [TestCase("HTTP_PROXY", "HTTP_ has HTTP_ADDRESS, HTTP_PORT")]
    [TestCase("FEED_SCHEDULE", "FEED_ has FEED_CRON, FEED_NAME, FEED_TYPE")]
    [TestCase("AWS_ACCESS_KEY", "did you mean AWS_ACCESS_KEY_ID? (What only the AWS SDK reads belongs into the environment.)")]
    [TestCase("AWS_PROFILE", "AWS_ has AWS_ACCESS_KEY_ID, AWS_REGION, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (What only the AWS SDK reads belongs into the environment.)")]
    public void DotEnv_ANameThatBeginsAsOurs_IsWarnedOf(string name, string remedy)
    {
        var layers = DotEnv($"{name}=x\n");

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(layers.Warnings, Has.Count.EqualTo(1).And.All.StartsWith($"{name} (in {_folder.File(".env")}) is not a setting, so it is not read: {remedy}"));
    }

    [TestCase("DB_PROT", "DB_PORT")]
    [TestCase("FEED_CORN", "FEED_CRON")]
    [TestCase("CHUNK_SIZ", "CHUNK_SIZE")]
    [TestCase("db_name", "DB_NAME")]
    [TestCase("DB_PASWORD_FILE", "DB_PASSWORD_FILE")]
    [TestCase("Sorce__Host", "Source__Host")]
    [TestCase("Feed__facility__Cron", "Feeds__facility__Cron")]
    public void TheEnvironment_ASlip_IsWarnedOf_ForThePlatformPutsNamesThereToo(string name, string meant)
    {
        var layers = new SettingsLayers().AddEnvironment([KeyValuePair.Create(name, "x")], "/");

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(layers.Warnings, Is.EqualTo(new[] { $"{name} (in the environment) is not a setting, so it is not read: did you mean {meant}?" }));
        Assert.That(ServiceSettings.Read(Configured.Shipped().AddEnvironment([KeyValuePair.Create(name, "x")], "/")).Warnings, Has.Count.EqualTo(1));
    }

    // Kubernetes' links to services called db, s3 and feed; the AWS SDK's; ASP.NET Core's; proxies.
    [TestCase("DB_PORT_5432_TCP")]
    [TestCase("DB_PORT_5432_TCP_ADDR")]
    [TestCase("DB_SERVICE_HOST")]
    [TestCase("DB_SERVICE_PORT")]
    [TestCase("S3_PORT")]
    [TestCase("S3_SERVICE_PORT")]
    [TestCase("FEED_PORT")]
    [TestCase("AWS_PROFILE")]
    [TestCase("AWS_ROLE_ARN")]
    [TestCase("AWS_ROLE_SESSION_NAME")]
    [TestCase("AWS_WEB_IDENTITY_TOKEN_FILE")]
    [TestCase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")]
    [TestCase("AWS_CONTAINER_AUTHORIZATION_TOKEN")]
    [TestCase("AWS_DEFAULT_REGION")]
    [TestCase("AWS_ENDPOINT_URL")]
    [TestCase("AWS_SECURITY_TOKEN")]
    [TestCase("AWS_EC2_METADATA_DISABLED")]
    [TestCase("HTTP_PROXY")]
    [TestCase("http_proxy")]
    [TestCase("HTTPS_PORT")]
    [TestCase("HTTP_PORTS")]
    [TestCase("DB_URL")]
    [TestCase("XDG_DATA_DIRS")]
    [TestCase("HOSTNAME")]
    public void TheEnvironment_AnotherProgramsName_IsLeftAlone(string name)
    {
        var layers = new SettingsLayers().AddEnvironment([KeyValuePair.Create(name, "x")], "/");

        Assert.That(layers.Problems.Concat(layers.Warnings), Is.Empty);
    }

    [TestCase("db_pasword", "DB_PASSWORD")]
    [TestCase("DB_PASWORD", "DB_PASSWORD")]
    [TestCase("Sorce__Password", "Source__Password")]
    public void Secrets_ASlip_IsAProblem(string name, string meant)
    {
        var secrets = Secret(name);

        Assert.That(new SettingsLayers().AddSecrets(secrets).Problems, Is.EqualTo(new[] { $"{name} (in {secrets}) is not a setting: did you mean {meant}?" }));
    }

    [Test]
    public void Secrets_AnothersBesideOurs_IsWarnedOf()
    {
        var secrets = Secret("rdb_password");
        File.WriteAllText(Path.Combine(secrets, "db_password"), "x");
        var layers = new SettingsLayers().AddSecrets(secrets);

        Assert.That((layers.Problems, layers.Warnings), Is.EqualTo((Array.Empty<string>(), new[] { $"rdb_password (in {secrets}) is not a setting, so it is not read: did you mean DB_PASSWORD?" })));
    }

    [Test]
    public void Secrets_ANameThatBeginsAsOurs_IsWarnedOf() =>
        Assert.That(new SettingsLayers().AddSecrets(Secret("db_pass")).Warnings, Has.Count.EqualTo(1).And.All.EndsWith("is not a setting, so it is not read: did you mean DB_PASSWORD?"));

    [TestCase("""{ "Sorce": { "Host": "x" } }""", "Sorce", "Source")]
    [TestCase("""{ "Feed": { "facility": { "Cron": "x" } } }""", "Feed", "Feeds")]
    [TestCase("""{ "Feed:facility:Cron": "x" }""", "Feed", "Feeds")]
    [TestCase("""{ "CHUNK_SIZE": 5 }""", "CHUNK_SIZE", "Feeds:facility:ChunkSize", Description = "no plain name is read there")]
    [TestCase("""{ "DB_PROT": 5 }""", "DB_PROT", "Source:Port")]
    public void Json_ASlip_IsAProblem(string json, string name, string meant)
    {
        File.WriteAllText(_folder.File("slip.json"), json);

        Assert.That(new SettingsLayers().AddJson(_folder.File("slip.json"), isOptional: false).Problems, Is.EqualTo(new[] { $"{name} (in {_folder.File("slip.json")}) is not a setting there: did you mean {meant}?" }));
    }

    [TestCase("""{ "Stats": { "X": 1 } }""", "State")]
    [TestCase("""{ "Sources": [ { "Host": "x" } ] }""", "Source")]
    [TestCase("""{ "Sources": { "Host": "x" }, "Source": { "Host": "y" } }""", "Source")]
    [TestCase("""{ "Feed": { "Url": "x" } }""", "Feeds")]
    [TestCase("""{ "Feed": { "facility": { "Cron": "x" } }, "Feeds": { "facility": { "Cron": "y" } } }""", "Feeds")]
    [TestCase("""{ "Store": "x" }""", "Stores")]
    public void Json_WhatMayBeAnothersSection_IsWarnedOf(string json, string meant)
    {
        File.WriteAllText(_folder.File("foreign.json"), json);
        var layers = Configured.Shipped().AddJson(_folder.File("foreign.json"), isOptional: true);

        Assert.That(layers.Problems, Is.Empty);
        Assert.That(layers.Warnings, Has.Count.EqualTo(1).And.All.EndsWith($"is not a setting there, so it is not read: did you mean {meant}?"));
    }

    [Test]
    public void Json_AnothersSection_IsLeftAlone()
    {
        File.WriteAllText(_folder.File("others.json"), """{ "Logging": {}, "AllowedHosts": "*", "Kestrel": {}, "Urls": "x", "Hangfire": {}, "source": {}, "https_port": 1 }""");

        Assert.That(Configured.Shipped().AddJson(_folder.File("others.json"), isOptional: false).Problems, Is.Empty);
    }

    [Test]
    public void NoSettingOfOurs_IsTakenForASlipOfAnother() =>
        Assert.That(PlainNames.All.Keys.Select(name => DotEnv($"{name}=x\n")).SelectMany(layers => layers.Problems.Concat(layers.Warnings)), Is.Empty);

    private SettingsLayers DotEnv(string text)
    {
        File.WriteAllText(_folder.File(".env"), text);
        return new SettingsLayers().AddDotEnv(_folder.Path);
    }

    private string Secret(string name)
    {
        var folder = _folder.File($"secrets-of-{name}");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name), "x");
        return folder;
    }
}
