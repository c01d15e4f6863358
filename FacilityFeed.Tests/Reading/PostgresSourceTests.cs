using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

public sealed class PostgresSourceTests
{
    private const string WrongPassword = "not the pass%word";

    [Test]
    public async Task CheckAsync_Passes_WhenTheTableHasAllColumns()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable);

        await Assert.ThatAsync(() => source.Source.CheckAsync(CancellationToken.None), Throws.Nothing);
    }

    [Test]
    public async Task CheckAsync_IsRejected_WhenTheTableIsMissing()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable, table: "public.studios");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("public.studios").And.Contain(source.Database.Name).And.Contain("DB_NAME (Source:Database)").And.Contain("Table (Feeds:FEED:Table)"));
    }

    [Test]
    public async Task CheckAsync_NamesEveryMissingColumn()
    {
        await using var source = await TestSource.CreateAsync("CREATE TABLE facility (id bigint PRIMARY KEY, name text, latitude float8, longitude float8, country text, locality text, region text, street_address text)");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("columns phone, url, postal_code").And.Contain("facility").And.Contain("add them"));
    }

    [Test]
    public async Task CheckAsync_IsRejected_WhenAColumnWasDropped()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable + "ALTER TABLE facility DROP COLUMN region");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("column region"));
    }

    [TestCase("text")]
    [TestCase("uuid")]
    [TestCase("numeric")]
    public async Task CheckAsync_IsRejected_WhenTheKeyIsNoInteger(string type)
    {
        await using var source = await TestSource.CreateAsync(Facilities.Table(id: $"{type} PRIMARY KEY"));

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("facility.id").And.Contain($"is {type}").And.Contain("must be integer or bigint"));
    }

    [Test]
    public async Task CheckAsync_NamesThePasswordSetting_WhenThePasswordIsWrong()
    {
        await using var role = await TestRole.CreateAsync();
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = WrongPassword });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("DB_PASSWORD (Source:Password)").And.Contain($"DB_USER (Source:User) is '{role.Name}'"));
        Assert.That(refusal.ToString(), Does.Not.Contain(WrongPassword));
    }

    [Test]
    public async Task CheckAsync_NamesThePasswordSetting_WhenNoPasswordIsSet()
    {
        await using var role = await TestRole.CreateAsync();
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = null });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("DB_PASSWORD (Source:Password)").And.Contain($"'{role.Name}'"));
    }

    [Test]
    public async Task CheckAsync_NamesTheDatabaseSetting_WhenThereIsNoSuchDatabase()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable, change: options => options with { Database = "no_such_database" });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("DB_NAME (Source:Database) is 'no_such_database'"));
    }

    [Test]
    public async Task OpenKeysAsync_SaysWhichRightIsMissing_WhenTheUserMayNotRead()
    {
        await using var role = await TestRole.CreateAsync();
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = role.Password });

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.Source.OpenKeysAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain("permission denied").And.Contain("facility").And.Contain("GRANT SELECT").And.Contain(role.Name));
        Assert.That(refusal.ToString(), Does.Not.Contain(role.Password));
    }

    [Test]
    public async Task CheckAsync_SaysWhichRightIsMissing_WhenTheUserMayNotRead()
    {
        await using var role = await TestRole.CreateAsync();
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = role.Password });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("permission denied").And.Contain("GRANT SELECT").And.Contain(role.Name));
    }

    [Test]
    public async Task CheckAsync_MayBeTriedAgain_WhenNothingListens()
    {
        await using var source = await TestSource.CreateAsync(Facilities.EmptyTable, change: options => options with { Port = ClosedPort.Find() });

        var failure = (await Assert.CatchAsync<FeedException>(async () => await source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("DB_HOST (Source:Host)").And.Contain("DB_PORT (Source:Port)").And.Not.Contain("\n"));
    }

    [Test]
    public async Task ReadAsync_Works_WithAnyCharacterInThePassword()
    {
        await using var role = await TestRole.CreateAsync(password: """p@ss:/?#%' "w;=\ü""");
        await using var source = await TestSource.CreateAsync(
            Facilities.Numbered(1, 3) + $"GRANT SELECT ON facility TO {role.Name}", change: options => options with { User = role.Name, Password = role.Password });

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => facility.Id), Is.EqualTo(new long[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Connect_StaysOutOfAnAmbientTransaction()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 3));

        using var ambient = new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled);
        var read = await source.ReadAsync();

        Assert.That(read, Has.Count.EqualTo(3));
        Assert.That(System.Transactions.Transaction.Current!.TransactionInformation.DistributedIdentifier, Is.EqualTo(Guid.Empty));
    }

    private static async Task<FeedRejectedException> RefusalAsync(TestSource source)
    {
        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.Source.CheckAsync(CancellationToken.None)))!;
        Assert.That(refusal.Message, Does.Not.Contain("\n"));
        return refusal;
    }
}
