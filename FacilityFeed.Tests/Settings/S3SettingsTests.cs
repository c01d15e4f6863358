using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Tests.Settings;

public sealed class S3SettingsTests
{
    [Test]
    public void Read_SendsTheDefaultFeedToTheBucket_WhenOneIsNamed()
    {
        var settings = Configured.With(
            ("S3_BUCKET_NAME", "my-feeds"), ("S3_PREFIX", "/partners/google"), ("S3_ENDPOINT_URL", "http://127.0.0.1:9000"),
            ("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "s3cret/+="), ("AWS_REGION", "eu-central-1"));

        Assert.That(settings.Feeds["facility"].Store, Is.EqualTo("s3"));
        Assert.That(settings.Stores["s3"], Is.EqualTo(new S3StoreOptions
        {
            Section = "Stores:s3",
            Bucket = "my-feeds",
            Prefix = "partners/google/",
            Endpoint = new Uri("http://127.0.0.1:9000"),
            Provider = S3Provider.S3Compatible,
            AccessKeyId = "AKIA",
            SecretAccessKey = "s3cret/+=",
            Region = "eu-central-1",
        }));
    }

    [Test]
    public void Read_LeavesTheFeedInItsFolder_WhenNoBucketIsNamed()
    {
        var settings = Configured.With(("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "AKIA"));

        Assert.That(settings.Feeds["facility"].Store, Is.EqualTo("local"));
        Assert.That(settings.Stores.Keys, Is.EqualTo(new[] { "local" }));
    }

    [Test]
    public void Read_LeavesTheFeedInItsFolder_WhenItSaysSo() =>
        Assert.That(Configured.With(("S3_BUCKET_NAME", "my-feeds"), ("Feeds:facility:Store", "local")).Feeds["facility"].Store, Is.EqualTo("local"));

    [TestCase(null, S3Provider.Aws)]
    [TestCase("https://s3.eu-central-1.amazonaws.com", S3Provider.Aws)]
    [TestCase("https://account.r2.cloudflarestorage.com", S3Provider.R2)]
    [TestCase("https://storage.googleapis.com", S3Provider.Gcs)]
    [TestCase("https://s3.example.com:9000", S3Provider.S3Compatible)]
    [TestCase("https://amazonaws.com.example.com", S3Provider.S3Compatible)]
    public void Read_KnowsTheProviderByItsEndpoint(string? endpoint, S3Provider provider) =>
        Assert.That(((S3StoreOptions)Configured.With(("S3_BUCKET_NAME", "my-feeds"), ("S3_ENDPOINT_URL", endpoint ?? "")).Stores["s3"]).Provider, Is.EqualTo(provider));

    [TestCase("https://x.example/storage/v1/s3", "https://x.example/storage/v1/s3")]
    [TestCase("https://x.example/storage/v1/s3/", "https://x.example/storage/v1/s3")]
    [TestCase("https://x.example/storage/v1/s3//", "https://x.example/storage/v1/s3")]
    [TestCase("http://127.0.0.1:9000/", "http://127.0.0.1:9000")]
    [TestCase("http://127.0.0.1:9000", "http://127.0.0.1:9000")]
    public void Read_TakesAnEndpointWithAPath_AndLeavesItsLastSlashesOut(string endpoint, string address)
    {
        var store = Configured.With(("S3_BUCKET_NAME", "my-feeds"), ("S3_ENDPOINT_URL", endpoint)).Stores["s3"];

        Assert.That(store.PlaceOf("a/"), Is.EqualTo($"s3://my-feeds/a/ at {address}"), "two services on one host are two places");
    }

    [Test]
    public void Read_RefusesTheBucketInTheHost_BelowAPath() =>
        Assert.That(Configured.ProblemsWith(("S3_BUCKET_NAME", "my-feeds"), ("S3_ENDPOINT_URL", "https://x.example/storage/v1/s3"), ("Stores:s3:PathStyle", "false")),
            Has.Count.EqualTo(1).And.Some.StartsWith("Stores:s3:PathStyle is 'false': S3_ENDPOINT_URL (Stores:s3:Endpoint) has a path"));

    [TestCase("S3_BUCKET_NAME", "Stores:s3:Bucket", "a/b")]
    [TestCase("S3_ENDPOINT_URL", "Stores:s3:Endpoint", "localhost:9000")]
    [TestCase("S3_ENDPOINT_URL", "Stores:s3:Endpoint", "https://host/my-feeds")]
    [TestCase("S3_ENDPOINT_URL", "Stores:s3:Endpoint", "https://host/storage/my-feeds/")]
    [TestCase("S3_ENDPOINT_URL", "Stores:s3:Endpoint", "https://host/a//b")]
    [TestCase("S3_ENDPOINT_URL", "Stores:s3:Endpoint", "https://host/a%20b")]
    [TestCase("S3_ENDPOINT_URL", "Stores:s3:Endpoint", "https://host/ä")]
    [TestCase("S3_ENDPOINT_URL", "Stores:s3:Endpoint", "ftp://host/s3")]
    [TestCase("S3_PROVIDER", "Stores:s3:Provider", "azure")]
    [TestCase("S3_PREFIX", "Stores:s3:Prefix", "a/../b")]
    public void Read_NamesSettingAndValue_WhenAPlainNameIsWrong(string plain, string key, string value)
    {
        var settings = plain == "S3_BUCKET_NAME" ? new[] { (plain, value) } : [("S3_BUCKET_NAME", "my-feeds"), (plain, value)];

        Assert.That(Configured.ProblemsWith(settings), Has.Count.EqualTo(1).And.Some.StartsWith($"{plain} ({key}) is '{value}': "));
    }

    [TestCase("Stores:s3:Encryption", "aes")]
    [TestCase("Stores:s3:PartMiB", "4")]
    [TestCase("Stores:s3:ConditionalPuts", "maybe")]
    [TestCase("Stores:s3:RequestTimeoutSeconds", "0")]
    public void Read_NamesSettingAndValue_WhenASectionKeyIsWrong(string key, string value) =>
        Assert.That(Configured.ProblemsWith(("S3_BUCKET_NAME", "my-feeds"), (key, value)), Has.Count.EqualTo(1).And.Some.StartsWith($"{key} is '{value}': "));

    [Test]
    public void Read_AsksForTheOtherHalfOfTheCredentials() =>
        Assert.That(Configured.ProblemsWith(("S3_BUCKET_NAME", "my-feeds"), ("AWS_ACCESS_KEY_ID", "AKIA")), Has.Count.EqualTo(1)
            .And.Some.StartsWith("AWS_SECRET_ACCESS_KEY (Stores:s3:SecretAccessKey) is not set, but AWS_ACCESS_KEY_ID (Stores:s3:AccessKeyId) is"));

    [Test]
    public void Read_RefusesAUserInTheEndpoint_WithoutShowingThePassword() =>
        Assert.That(Configured.ProblemsWith(("S3_BUCKET_NAME", "my-feeds"), ("S3_ENDPOINT_URL", "https://user:hunter2@host")), Has.Count.EqualTo(1).And.None.Contains("hunter2"));

    [TestCase("https://host/?X-Amz-Signature=hunter2")]
    [TestCase("https://host/s3?hunter2")]
    [TestCase("https://host#hunter2")]
    public void Read_RefusesWhatIsNoAddressOfAService_WithoutShowingWhatMayBeASecret(string endpoint) =>
        Assert.That(Configured.ProblemsWith(("S3_BUCKET_NAME", "my-feeds"), ("S3_ENDPOINT_URL", endpoint)), Has.Count.EqualTo(1).And.All.StartsWith("S3_ENDPOINT_URL (Stores:s3:Endpoint) has a ? or a #").And.None.Contains("hunter2"));

    [Test]
    public void Read_TellsThatABucketIsMissing_WhenAFeedNamesTheStore() =>
        Assert.That(Configured.ProblemsWith(("Feeds:facility:Store", "s3")), Has.Count.EqualTo(1).And.Some.Contains("S3_BUCKET_NAME (Stores:s3:Bucket) is not set"));

    [Test]
    public void Read_RefusesTwoFeeds_InOnePlaceOfABucket() =>
        Assert.That(
            Configured.ProblemsWith(("S3_BUCKET_NAME", "my-feeds"), ("Feeds:courts:Name", "courts"), ("Feeds:courts:Store", "s3")),
            Has.Count.EqualTo(1).And.Some.Contains("both write metadata.json to s3://my-feeds/"));

    [Test]
    public void ToString_ShowsNoSecret() =>
        Assert.That(Configured.With(("S3_BUCKET_NAME", "my-feeds"), ("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hunter2")).Stores["s3"].ToString(), Does.Not.Contain("hunter2"));
}
