using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>What every source promises, whatever its engine. Here: how it connects, and what it refuses.</summary>
public abstract partial class SourceContract
{
    private const string WrongPassword = "not the pass%word";

    protected abstract SqlWords Words { get; }

    protected abstract Task<TestSource> CreateAsync(string script, string table = "facility", Func<SourceOptions, SourceOptions>? change = null);

    protected abstract Task<TestRole> CreateRoleAsync(string password = "a plain password");

    [Test]
    public async Task CheckAsync_Passes_WhenTheTableHasAllColumns()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable);

        await Assert.ThatAsync(() => source.Source.CheckAsync(CancellationToken.None), Throws.Nothing);
    }

    [Test]
    public async Task CheckAsync_IsRejected_WhenTheTableIsMissing()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable, table: "studios");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("no table or view studios").And.Contain(source.Database.Name).And.Contain("DB_NAME (Source:Database)").And.Contain("Feeds:facility:Table is"));
    }

    [Test]
    public async Task CheckAsync_IsRejected_WhenTheTablesSchemaIsMissing()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable, table: "no_such_schema.facility");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("no table or view no_such_schema.facility"));
    }

    [Test]
    public async Task CheckAsync_NamesEveryMissingColumn()
    {
        await using var source = await CreateAsync("CREATE TABLE facility (id bigint PRIMARY KEY, name text, latitude double precision, longitude double precision, country text, locality text, region text, street_address text)");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("columns phone, url, postal_code").And.Contain("facility").And.Contain("add them"));
    }

    [Test]
    public async Task CheckAsync_IsRejected_WhenAColumnWasDropped()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable + "ALTER TABLE facility DROP COLUMN region");

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("column region"));
    }

    [Test]
    public async Task CheckAsync_NamesThePasswordSetting_WhenThePasswordIsWrong()
    {
        await using var role = await CreateRoleAsync();
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = WrongPassword });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("DB_PASSWORD (Source:Password)").And.Contain($"DB_USER (Source:User) is '{role.Name}'"));
        Assert.That(refusal.ToString(), Does.Not.Contain(WrongPassword));
    }

    [Test]
    public async Task CheckAsync_NamesThePasswordSetting_WhenNoPasswordIsSet()
    {
        await using var role = await CreateRoleAsync();
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = null });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("DB_PASSWORD (Source:Password)").And.Contain($"'{role.Name}'"));
    }

    [Test]
    public async Task CheckAsync_NamesTheDatabaseSetting_WhenThereIsNoSuchDatabase()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { Database = "no_such_database" });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("DB_NAME (Source:Database) is 'no_such_database'"));
    }

    [Test]
    public async Task EveryRead_SaysWhichRightIsMissing_WhenTheUserMayNotRead()
    {
        await using var role = await CreateRoleAsync();
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = role.Password });

        foreach (var refusal in new[] { await RefusalAsync(source), await KeysRefusalAsync(source) })
        {
            Assert.That(refusal.Message, Does.Contain("denied").And.Contain("facility").And.Contain("GRANT SELECT").And.Contain(role.Name));
            Assert.That(refusal.ToString(), Does.Not.Contain(role.Password));
        }
    }

    [Test]
    public async Task CheckAsync_MayBeTriedAgain_WhenNothingListens()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { Port = ClosedPort.Find() });

        var failure = (await Assert.CatchAsync<FeedException>(async () => await source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("DB_HOST (Source:Host)").And.Contain("DB_PORT (Source:Port)").And.Not.Contain("\n"));
    }

    [TestCase(SourceSsl.Required)]
    [TestCase(SourceSsl.VerifyFull)]
    public async Task CheckAsync_NamesTheTlsSetting_WhenTheServerCannotEncrypt(SourceSsl ssl)
    {
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { Ssl = ssl });

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("Source:SslMode"));
    }

    [Test]
    public async Task CheckAsync_Passes_WithoutTls()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { Ssl = SourceSsl.None });

        await Assert.ThatAsync(() => source.Source.CheckAsync(CancellationToken.None), Throws.Nothing);
    }

    [Test]
    public async Task ReadAsync_Works_WithAnyCharacterInThePassword()
    {
        await using var role = await CreateRoleAsync(password: """p@ss:/?#%' "w;=\ü""");
        await using var source = await CreateAsync(
            Facilities.Numbered(1, 3, Words) + $"GRANT SELECT ON facility TO {role.Name}", change: options => options with { User = role.Name, Password = role.Password });

        var read = await source.ReadAsync();

        Assert.That(read.Select(facility => facility.Id), Is.EqualTo(new long[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Connections_StayOutOfAnAmbientTransaction()
    {
        await using var source = await CreateAsync(Facilities.Numbered(1, 3, Words));

        using var ambient = new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled);
        var read = await source.ReadAsync();

        Assert.That(read, Has.Count.EqualTo(3));
        Assert.That(System.Transactions.Transaction.Current!.TransactionInformation.DistributedIdentifier, Is.EqualTo(Guid.Empty));
    }

    /// <summary>For the cases of each engine.</summary>
    protected async Task RefusesKeyAsync(string type)
    {
        await using var source = await CreateAsync(Facilities.Table(id: $"{type} PRIMARY KEY"));

        var refusal = await RefusalAsync(source);

        Assert.That(refusal.Message, Does.Contain("facility.id").And.Contain($"is {type.Split('(')[0]}").And.Contain("must be integer or bigint"));
    }

    protected static async Task<FeedRejectedException> RefusalAsync(TestSource source)
    {
        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(async () => await source.Source.CheckAsync(CancellationToken.None)))!;
        Assert.That(refusal.Message, Does.Not.Contain("\n"));
        return refusal;
    }
}
