using FacilityFeed.Domain;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

public sealed class PostgresSourceTests : SourceContract
{
    protected override SqlWords Words => SqlWords.Postgres;

    protected override string IndexRemedy => "CREATE UNIQUE INDEX ON \"facility\" (id)";

    protected override string TimeoutWords => "statement timeout";

    [TestCase("text")]
    [TestCase("uuid")]
    [TestCase("numeric")]
    public async Task CheckAsync_IsRejected_WhenTheKeyIsNoInteger(string type) => await RefusesKeyAsync(type);

    [Test]
    public async Task CheckAsync_NamesTheSchemaToo_WhenTheTableIsMissing()
    {
        await using var source = await CreateAsync(Facilities.EmptyTable, table: "public.studios");

        Assert.That((await RefusalAsync(source)).Message, Does.Contain("no table or view public.studios"));
    }

    [Test]
    public async Task JumpAsync_HasItsOwnTime_HoweverManyJumpsThereAre()
    {
        // Each statement takes 0.3 s of the second it has; all together more than a plan's opening may.
        await using var source = await CreateAsync(
            $"{Facilities.Numbered(1, 25)}; ALTER TABLE facility RENAME TO elsewhere; CREATE VIEW facility AS SELECT * FROM elsewhere WHERE (SELECT pg_sleep(0.3)) IS NOT NULL",
            change: options => options with { StatementTimeout = TimeSpan.FromSeconds(1), AnswerLimit = TimeSpan.FromMilliseconds(100) });

        Assert.That(await source.KeysAsync(), Is.EqualTo(Enumerable.Range(1, 25)));
    }

    [Test]
    public async Task JumpAsync_HasAnEndForAllOfThemTogether()
    {
        // As the one above, but of what all jumps may take there are three seconds' worth.
        await using var source = await CreateAsync(
            $"{Facilities.Numbered(1, 25)}; ALTER TABLE facility RENAME TO elsewhere; CREATE VIEW facility AS SELECT * FROM elsewhere WHERE (SELECT pg_sleep(0.3)) IS NOT NULL",
            change: options => options with { StatementTimeout = TimeSpan.FromSeconds(1), AnswerLimit = TimeSpan.FromMilliseconds(100), JumpShare = 3 });

        var failure = (await Assert.CatchAsync<FeedException>(() => source.KeysAsync()))!;

        Assert.That(failure.Message, Does.Contain("came to no end").And.Contain("within 3.3 s"));
        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
    }

    [Test]
    public async Task EveryRead_SaysWhatPostgresSays_WhenTheUserMayNotRead()
    {
        await using var role = await CreateRoleAsync();
        await using var source = await CreateAsync(Facilities.EmptyTable, change: options => options with { User = role.Name, Password = role.Password });

        Assert.That((await RefusalAsync(source)).Message, Does.Contain("permission denied"));
        Assert.That((await KeysRefusalAsync(source)).Message, Does.Contain("permission denied"));
    }

    [TestCase("numeric", "text")]
    [TestCase("numeric(9,6)", "varchar(40)")]
    [TestCase("real", "char(20)")]
    [TestCase("text", "text")]
    [TestCase("double precision", "name")]
    public async Task ReadAsync_TakesOtherColumnTypes(string coordinate, string text) => await ReadsColumnTypesAsync(coordinate, text);

    [TestCase("a\\ud800b")]
    [TestCase("\\udc00")]
    [TestCase("\\ud83c\\u0041")]
    public async Task ReadAsync_GoesOn_WhenJsonHasHalfACharacter(string escaped) => await GoesOnAsync("json", $"\"{escaped}\"", new NotedRecord(true, 2, "name", "name_unusable", $"\"{escaped}\""));

    [TestCase("CREATE SCHEMA shop;", "shop.facility", "shop.facility")]
    [TestCase("CREATE SCHEMA \"Shop\";", "\"Shop\".\"Facility List\"", "Shop.Facility List")]
    [TestCase("CREATE SCHEMA \"Shop\";", "\"Shop\".\"Facility List\"", "\"Shop\".\"Facility List\"")]
    [TestCase("", "\"it's \"\"our\"\" table\"", "it's \"our\" table")]
    public async Task OpenKeysAsync_FindsTables_OfAnyName(string script, string quoted, string setting) => await FindsTableAsync(script, quoted, setting);

    protected override Task<TestSource> CreateAsync(string script, string table = "facility", Func<SourceOptions, SourceOptions>? change = null) => TestSource.CreateAsync(script, table, change);

    protected override Task<TestRole> CreateRoleAsync(string password = "a plain password") => TestRole.CreateAsync(password);

    protected override string Slow(int rows, double secondsPerRow) => Facilities.Slow(rows, secondsPerRow);

    protected override Task<long> KeysReadAsync(TestSource source) =>
        source.Database.ScalarAsync<long>("SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes WHERE relname = 'facility'");

    protected override Task<long> SessionsAsync(TestSource source, bool isAsleep = false) => source.Database.ScalarAsync<long>(
        $"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'facilityfeed {Purpose}' {(isAsleep ? "AND wait_event = 'PgSleep'" : "")}");

    protected override Task KillAsync(TestSource source) =>
        source.Database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'facilityfeed %'");
}
