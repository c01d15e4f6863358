using FacilityFeed.Domain;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Hostile;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>What is said of a feed's setting names that feed's, so that it can be copied as it stands.</summary>
public sealed class FeedNamedTests
{
    [Test]
    public async Task TheTable_IsThatOfTheFeed()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        foreach (var (name, value) in new[] { ("Name", "courts"), ("Prefix", "courts"), ("Table", "no_such_table") })
        {
            installation.Settings[$"Feeds__courts__{name}"] = value;
        }

        var published = await installation.RunAsync("publish", "courts");
        var doctor = await installation.RunAsync("doctor");
        var status = await installation.RunAsync("status");

        Assert.That(published.Errors, Does.Contain("no table or view no_such_table").And.Contain("Feeds:courts:Table is 'no_such_table'"));
        Assert.That(doctor.Output, Does.Contain("Feeds:courts:Table is 'no_such_table'"));
        Assert.That(status.Errors, Does.EndWith("or make the first run: ./run publish courts\n"));
        Assert.That(published.Errors + doctor.Output + status.Errors, Does.Not.Contain("FEED"));
    }

    [Test]
    public async Task WhatTakesTooLong_IsMendedInTheFeed()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable + "CREATE VIEW slow AS SELECT facility.* FROM facility RIGHT JOIN pg_sleep(30) ON true");
        installation.Settings["Feeds__facility__Enabled"] = "false";
        installation.Settings["Feeds__courts__Table"] = "slow";
        installation.Settings["Source__StatementTimeoutSeconds"] = "1";

        var doctor = await installation.RunAsync("doctor");

        Assert.That(doctor.Output, Does.Contain("Raise Source:StatementTimeoutSeconds, or lower Feeds:courts:ChunkSize"));
    }

    [TestCase("EntityTooLarge", "lower Feeds:courts:ChunkSize")]
    [TestCase("KeyTooLongError", "Shorten Feeds:courts:Name or S3_PREFIX (Stores:s3:Prefix)")]
    public async Task WhatAStoreRefuses_IsMendedInTheFeed(string code, string remedy)
    {
        using var folder = new TempFolder();
        var honest = new HonestS3(Guid.Empty, []);
        await using var server = new HostileS3((request, connection) => connection.SendAsync(request.Method == "PUT" ? HonestS3.Error("400 Bad Request", code) : honest.Answer(request, isThere: false)));
        using var stores = new FeedStores(Guid.Empty, folder.Path, CrashPoints.None);
        var s3 = new S3StoreOptions { Section = "Stores:s3", Bucket = "bucket", Endpoint = server.Address, Provider = S3Provider.S3Compatible, AccessKeyId = "AKIA", SecretAccessKey = "secret" };

        var failure = (await Assert.CatchAsync<FeedRejectedException>(() => stores.Open(s3, "", "courts").CreateAsync("a.json", ObjectContent.Of([1]), CancellationToken.None)))!;

        Assert.That(failure.Message, Does.Contain(remedy));
    }

    [TestCase("facility", "another FEED_NAME (Feeds:facility:Name), prefix or folder")]
    [TestCase("courts", "another Feeds:courts:Name, prefix or folder")]
    public async Task ANameThatIsTaken_IsTheFeeds(string feed, string remedy)
    {
        using var folder = new TempFolder();
        using var stores = new FeedStores(Guid.Empty, folder.Path, CrashPoints.None);
        var store = stores.Open(new LocalStoreOptions { Section = "Stores:local", Path = folder.File("feeds") }, "", feed);
        await store.CreateAsync("a.json", ObjectContent.Of([1]), CancellationToken.None);

        var failure = (await Assert.CatchAsync<FeedRejectedException>(() => store.CreateAsync("a.json", ObjectContent.Of([2]), CancellationToken.None)))!;

        Assert.That(failure.Message, Does.Contain(remedy));
    }
}
