using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Settings;

/// <summary>What a person pasted into the wrong setting, a secret in it, is refused at the start, by its key, and not shown.</summary>
public sealed class HiddenValueTests
{
    private const string Secret = "hunter2";
    private const string Key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY9";

    [TestCase("DB_HOST", "postgres://u:hunter2@h/db")]
    [TestCase("DB_HOST", "u:hunter2@h")]
    [TestCase("DB_HOST", "Host=h;Password=hunter2")]
    [TestCase("DB_HOST", "h hunter2")]
    [TestCase("DB_NAME", "postgres://u:hunter2@h/db")]
    [TestCase("DB_NAME", "db;Password=hunter2")]
    [TestCase("DB_USER", "u:hunter2")]
    [TestCase("DB_USER", "mysql://u:hunter2@h")]
    [TestCase("DB_PORT", "postgres://u:hunter2@h:5432/db")]
    [TestCase("DB_ENGINE", "postgres://u:hunter2@h:5432/db")]
    [TestCase("HTTP_PORT", "http://u:hunter2@h")]
    [TestCase("HTTP_ADDRESS", "http://u:hunter2@h")]
    [TestCase("S3_BUCKET_NAME", "s3://AKIA:hunter2@x")]
    [TestCase("S3_BUCKET_NAME", "s3://hunter2")]
    [TestCase("S3_BUCKET_NAME", Key)]
    [TestCase("S3_PREFIX", "s3://AKIA:hunter2@x/feeds")]
    [TestCase("S3_PREFIX", "feeds;hunter2")]
    [TestCase("S3_ENDPOINT_URL", "https://AKIA:hunter2@s3.example.com")]
    [TestCase("S3_ENDPOINT_URL", "https://s3.example.com;hunter2")]
    [TestCase("S3_ENDPOINT_URL", "https://s3.example.com/ hunter2;")]
    [TestCase("AWS_REGION", "https://AKIA:hunter2@s3.example.com")]
    [TestCase("AWS_REGION", Key)]
    [TestCase("S3_PROVIDER", "https://AKIA:hunter2@s3.example.com")]
    [TestCase("LOCAL_STORAGE_PATH", "s3://AKIA:hunter2@x/feeds")]
    [TestCase("DATA_DIR", "postgres://u:hunter2@h/db")]
    [TestCase("FEED_NAME", "https://u:hunter2@h")]
    [TestCase("FEED_TYPE", "https://u:hunter2@h")]
    [TestCase("CHUNK_SIZE", "https://u:hunter2@h")]
    [TestCase("FEED_CRON", "https://u:hunter2@h")]
    [TestCase("Feeds:facility:TimeZone", "https://u:hunter2@h")]
    [TestCase("Feeds:facility:Table", "postgres://u:hunter2@h/db")]
    [TestCase("Feeds:facility:Store", "s3://AKIA:hunter2@x")]
    [TestCase("Feeds:facility:EntityIdPrefix", Key)]
    [TestCase("Stores:s3:KmsKeyId", "https://u:hunter2@h")]
    [TestCase("Stores:s3:StorageClass", "https://u:hunter2@h")]
    [TestCase("DB_HOST", "h:hunter2")]
    [TestCase("DB_HOST", "h:5432:hunter2")]
    [TestCase("DB_HOST", "h:54321234")]
    [TestCase("DB_HOST", "[::1]:hunter2")]
    [TestCase("DB_HOST", "one,two:hunter2")]
    [TestCase("DB_HOST", "h/hunter2")]
    [TestCase("DB_HOST", "h?password=hunter2")]
    [TestCase("DB_HOST", "h%3Ahunter2")]
    [TestCase("DB_HOST", "/run/postgresql?password=hunter2")]
    [TestCase("DB_NAME", "d?password=hunter2")]
    [TestCase("DB_NAME", "d?hunter2")]
    [TestCase("DB_NAME", "d:hunter2")]
    [TestCase("DB_NAME", "d password=hunter2")]
    [TestCase("DB_USER", "u?password=hunter2")]
    [TestCase("DB_USER", "user=u password=hunter2")]
    [TestCase("DB_PORT", "5432:hunter2")]
    [TestCase("DB_PORT", "5432/d?hunter2")]
    [TestCase("DB_PORT", "5432 password=hunter2")]
    [TestCase("DB_ENGINE", "postgresql:hunter2")]
    [TestCase("HTTP_PORT", "5080:hunter2")]
    [TestCase("HTTP_ADDRESS", "any:hunter2")]
    [TestCase("CHUNK_SIZE", "AKIA:hunter2")]
    [TestCase("FEED_CRON", "AKIA:hunter2")]
    [TestCase("FEED_NAME", "AKIA:hunter2")]
    [TestCase("S3_BUCKET_NAME", "AKIA:hunter2")]
    [TestCase("S3_BUCKET_NAME", "b?password=hunter2")]
    [TestCase("S3_PREFIX", "AKIA:hunter2")]
    [TestCase("S3_PREFIX", "feeds/AKIA:hunter2@x")]
    [TestCase("S3_PREFIX", "feeds?X-Amz-Signature=hunter2")]
    [TestCase("S3_ENDPOINT_URL", "AKIA:hunter2")]
    [TestCase("S3_ENDPOINT_URL", "https://AKIA:hunter2")]
    [TestCase("S3_ENDPOINT_URL", "https://s3.example.com:9000:hunter2")]
    [TestCase("S3_ENDPOINT_URL", "https://s3.example.com/AKIA:hunter2")]
    [TestCase("AWS_REGION", "AKIA:hunter2")]
    [TestCase("S3_PROVIDER", "AKIA:hunter2")]
    [TestCase("LOCAL_STORAGE_PATH", "AKIA:hunter2")]
    [TestCase("LOCAL_STORAGE_PATH", "//u:hunter2@h/share")]
    [TestCase("DATA_DIR", "Host=h;Password=hunter2")]
    [TestCase("DATA_DIR", "u:hunter2@h/data")]
    [TestCase("Feeds:facility:Prefix", "u:hunter2@h")]
    [TestCase("Feeds:facility:TimeZone", "AKIA:hunter2")]
    [TestCase("Feeds:facility:Table", "u:hunter2@h")]
    [TestCase("Feeds:facility:Table", "facility?password=hunter2")]
    [TestCase("Feeds:facility:Store", "AKIA:hunter2")]
    [TestCase("Feeds:facility:Placeholders", "keine, !AKIA:hunter2")]
    [TestCase("Feeds:facility:Placeholders", "Host=h;Password=hunter2")]
    [TestCase("Feeds:facility:Guard:MaxDropPercent", "5:hunter2")]
    [TestCase("Stores:s3:KmsKeyId", "AKIA:hunter2")]
    [TestCase("Stores:s3:KmsKeyId", "arn:aws:s3:::hunter2")]
    [TestCase("Stores:s3:StorageClass", "AKIA:hunter2")]
    [TestCase("STATE_DB", "Host=h:hunter2;Username=u")]
    [TestCase("STATE_DB", "Host=h:5432:hunter2;Username=u")]
    [TestCase("STATE_DB", "Host=h;Database=d:hunter2;Username=u")]
    [TestCase("STATE_DB", "Host=h;Database='d?password=hunter2';Username=u")]
    [TestCase("STATE_DB", "Host=postgres://u:hunter2@h/db;Username=u")]
    [TestCase("STATE_DB", "Host=h;Database=postgres://u:hunter2@h/db")]
    [TestCase("STATE_DB", "Host=h;Username=u:hunter2")]
    [TestCase("STATE_DB", "Host=h;Username=u;Timeout=hunter2")]
    [TestCase("STATE_DB", "Host=h;Username=u;SSL Mode=hunter2")]
    public void Read_RefusesIt_AndShowsNothingOfIt(string name, string value)
    {
        var problems = Configured.ProblemsWith([.. new[] { ("DB_NAME", "places"), ("DB_USER", "reader") }.Where(other => other.Item1 != name), (name, value)]);

        Assert.That(problems, Has.Count.GreaterThan(0).And.Some.Contains(name));
        Assert.That(string.Join('\n', problems), Does.Not.Contain(Secret).And.Not.Contain("wJalr").And.Not.Contain("AKIA"));
    }

    [Test]
    public void Read_RefusesAnAddress_AsTheKeyOfAnEncryption()
    {
        // By itself the key is refused for want of the encryption that it belongs to.
        var problems = Configured.ProblemsWith(("S3_BUCKET_NAME", "my-feeds"), ("Stores:s3:Encryption", "sse-kms"), ("Stores:s3:KmsKeyId", "https://u:hunter2@h"));

        Assert.That(problems, Has.Count.EqualTo(1).And.All.StartsWith("Stores:s3:KmsKeyId").And.None.Contains(Secret));
    }

    [Test]
    public void Read_ShowsNoPassword_OfATemplate()
    {
        foreach (var (template, why) in new[] { ("https://user:hunter2@example.com/{id}", "user or password"), ("AKIA:hunter2({id})", "valid link"), ("https://user:hunter2/{id}", "valid link") })
        {
            var problems = Configured.ProblemsWith(("FEED_TYPE", "action"), ("Feeds:facility:ActionKind", "dining"), ("Feeds:facility:UrlTemplate", template));

            Assert.That(problems, Has.Count.EqualTo(1).And.All.StartsWith("Feeds:facility:UrlTemplate has a value that is not shown").And.All.Contains(why).And.None.Contains(Secret));
        }
    }

    [Test]
    public void Read_TellsAllOfThemAtOnce()
    {
        var problems = Configured.ProblemsWith(("DB_HOST", "a@b"), ("DB_NAME", "c://d"), ("DB_USER", "e:f"), ("S3_BUCKET_NAME", "g;h"), ("S3_PREFIX", "i;j"), ("AWS_REGION", "k l"), ("DB_PORT", "m@n"));

        Assert.That(problems, Has.Count.EqualTo(7));
    }

    [TestCase("s3://MyCompany-Feeds-2024/facility/metadata.json", "MyCompany-Feeds-2024")]
    [TestCase("s3://0123456789abcdef0123456789abcdef01234567/metadata.json", "0123456789abcdef0123456789abcdef01234567")]
    public void Parse_TakesABucketThatTheSettingsTake(string address, string bucket) => Assert.That(S3Address.Parse(address).Bucket, Is.EqualTo(bucket));

    [TestCase("DB_HOST", "db.example.com")]
    [TestCase("DB_HOST", "::1")]
    [TestCase("DB_HOST", "[::1]")]
    [TestCase("DB_HOST", "fe80::1%eth0")]
    [TestCase("DB_HOST", "::ffff:10.0.0.1")]
    [TestCase("DB_HOST", "10.0.0.1")]
    [TestCase("DB_HOST", "döner_2.example")]
    [TestCase("DB_HOST", "/var/run/postgresql")]
    [TestCase("DB_HOST", "/cloudsql/project:region:instance")]
    [TestCase("DB_HOST", "one,two")]
    [TestCase("DB_HOST", "one, two")]
    [TestCase("DB_HOST", "one:5432,two:5433")]
    [TestCase("DB_HOST", "@abstract")]
    [TestCase("S3_PREFIX", "team@corp")]
    [TestCase("DB_NAME", "My places, 2026")]
    [TestCase("DB_USER", "reader@server")]
    [TestCase("S3_PREFIX", "/partner:eu")]
    [TestCase("S3_PREFIX", "feeds/12:30/dt=2026")]
    [TestCase("S3_PREFIX", "feeds/of us/été")]
    [TestCase("AWS_REGION", "auto")]
    [TestCase("LOCAL_STORAGE_PATH", "/srv/feeds@home; new")]
    [TestCase("LOCAL_STORAGE_PATH", "/run/gvfs/smb-share:server=nas,share=feeds")]
    [TestCase("LOCAL_STORAGE_PATH", "/srv/12:30@home")]
    [TestCase("LOCAL_STORAGE_PATH", "./12:30")]
    [TestCase("LOCAL_STORAGE_PATH", "feeds@home/12:30")]
    [TestCase("STATE_DB", "Host=h:5433;Username=u")]
    [TestCase("STATE_DB", "Host=one:5433,[::1]:5434,::1;Username=u")]
    [TestCase("STATE_DB", "Host=/var/run/postgresql;Username=u@server;Password=a:b@c?d=e")]
    [TestCase("Feeds:facility:Table", "public.facility view")]
    [TestCase("Feeds:facility:Table", "a@b:c=d?e \"f\"")]
    [TestCase("Feeds:facility:Placeholders", "http://, k.A.: siehe oben")]
    public void Read_TakesWhatIsANameThere(string name, string value) =>
        Assert.That(Configured.ProblemsWith([.. new[] { ("DB_NAME", "places"), ("DB_USER", "reader") }.Where(other => other.Item1 != name), (name, value)]), Is.Empty);

    [Test]
    public void Read_TellsAControlCharacter_EscapedAndInOneLine()
    {
        foreach (var (name, start) in new[] { ("S3_PREFIX", "fee"), ("LOCAL_STORAGE_PATH", "/fee"), ("DATA_DIR", "/fee"), ("DB_NAME", "fee"), ("DB_USER", "fee"), ("FEED_NAME", "fee"), ("AWS_REGION", "fee"), ("S3_BUCKET_NAME", "fee"), ("DB_PORT", "fee"), ("FEED_CRON", "fee"), ("Feeds:facility:Table", "fee") })
        {
            foreach (var sign in new[] { "\n", "\r", "\u001b[31m", "\a", "\u009b", "\u202e", "\u2028" })
            {
                var others = new[] { ("DB_NAME", "places"), ("DB_USER", "reader") }.Where(other => other.Item1 != name);
                var problems = Configured.ProblemsWith([.. others, (name, $"{start}{sign}ds")]);

                Assert.That(problems, Has.Count.GreaterThan(0).And.Some.StartsWith(name), $"{name} with U+{(int)sign[0]:X4}");
                Assert.That(problems, Has.None.Contains(sign), $"{name} with U+{(int)sign[0]:X4}");
                Assert.That(problems, Has.Some.Contains($"\\u{(int)sign[0]:X4}"), $"{name} with U+{(int)sign[0]:X4}");
            }
        }
    }

    [Test]
    public void AFileSetting_ThatIsTheSecretItself_IsNotShown()
    {
        using var folder = new TempFolder();
        foreach (var value in new[] { Secret, Key, $"/{Key}" })
        {
            var problems = Configured.ProblemsOf(Configured.Shipped().AddEnvironment(Configured.Variables(("DB_NAME", "places"), ("DB_USER", "reader"), ("DB_PASSWORD_FILE", value)), folder.Path));
            Assert.That(problems, Has.Count.EqualTo(1).And.All.Contains("DB_PASSWORD_FILE").And.None.Contains(value).And.All.Contains("there is no such file"));
        }

        Assert.That(Configured.ProblemsOf(Configured.Shipped().AddEnvironment(Configured.Variables(("DB_NAME", "places"), ("DB_USER", "reader"), ("DB_PASSWORD_FILE", folder.File("gone"))), "/")),
            Has.Count.EqualTo(1).And.All.Contains($"'{folder.File("gone")}'"), "a path is shown");
    }

    [TestCase("s3://AKIA:hunter2@x")]
    [TestCase("s3://AKIA:hunter2@x/metadata.json")]
    [TestCase("s3://AKIA=hunter2")]
    [TestCase("s3://x/AKIA:hunter2@y/metadata.json")]
    [TestCase("s3://x/metadata.json?X-Amz-Signature=hunter2")]
    [TestCase("s3://x?password=hunter2/metadata.json")]
    public void AnAddressForVerify_WithAPassword_IsNotShown(string address) =>
        Assert.That(() => S3Address.Parse(address), Throws.TypeOf<FeedRejectedException>().With.Message.Not.Contains(Secret));
}
