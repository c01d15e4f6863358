using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

public sealed class MariaDbSourceTests : SourceContract
{
    protected override SqlWords Words => SqlWords.MariaDb;

    protected override string IndexRemedy => "`facility` ADD UNIQUE INDEX (id)";

    protected override string TimeoutWords => "max_statement_time";

    [TestCase("varchar(40)")]
    [TestCase("uuid")]
    [TestCase("decimal(20)")]
    [TestCase("double")]
    public async Task CheckAsync_IsRejected_WhenTheKeyIsNoInteger(string type) => await RefusesKeyAsync(type);

    [TestCase("decimal(9,6)", "varchar(40)")]
    [TestCase("float", "char(20)")]
    [TestCase("varchar(20)", "mediumtext")]
    [TestCase("text", "tinytext")]
    [TestCase("char(20)", "varchar(40) CHARACTER SET latin1")]
    [TestCase("decimal(12,8)", "varchar(40) CHARACTER SET utf16")]
    public async Task ReadAsync_TakesOtherColumnTypes(string coordinate, string text) => await ReadsColumnTypesAsync(coordinate, text);

    [TestCase("tinyint", -128, 127)]
    [TestCase("mediumint", -8388608, 8388607)]
    [TestCase("bigint", long.MinValue, long.MaxValue)]
    public async Task OpenKeysAsync_TakesKeysWithASign(string type, long least, long most) => await TakesKeysAsync(type, least, -1, 0, 7, most);

    [TestCase("tinyint unsigned", 255)]
    [TestCase("smallint unsigned", 65535)]
    [TestCase("mediumint unsigned", 16777215)]
    [TestCase("int unsigned", uint.MaxValue)]
    [TestCase("bigint unsigned", long.MaxValue)]
    [TestCase("int(8) unsigned zerofill", 99999999)]
    public async Task OpenKeysAsync_TakesKeysWithoutASign(string type, long most) => await TakesKeysAsync(type, 0, 1, 7, most);

    [TestCase("`Facility List`", "Facility List")]
    [TestCase("`Facility List`", "`Facility List`")]
    [TestCase("`it's ``our`` table`", "it's `our` table")]
    public async Task OpenKeysAsync_FindsTables_OfAnyName(string quoted, string setting) => await FindsTableAsync("", quoted, setting);

    protected override Task<TestSource> CreateAsync(string script, string table = "facility", Func<SourceOptions, SourceOptions>? change = null) => TestSource.CreateMariaDbAsync(script, table, change);

    protected override Task<TestRole> CreateRoleAsync(string password = "a plain password") => TestRole.CreateMariaDbAsync(password);

    protected override string Slow(int rows, double secondsPerRow) => Facilities.SlowMariaDb(rows, secondsPerRow);

    protected override Task<long> KeysReadAsync(TestSource source) => source.Database.ScalarAsync<long>(
        "SELECT CAST(coalesce(sum(ROWS_READ), 0) AS SIGNED) FROM information_schema.INDEX_STATISTICS WHERE TABLE_SCHEMA = database() AND TABLE_NAME = 'facility'");

    protected override Task<long> SessionsAsync(TestSource source, bool isAsleep = false) => source.Database.ScalarAsync<long>(
        $"SELECT count(*) FROM information_schema.PROCESSLIST WHERE DB = database() AND INFO LIKE 'SELECT /* facilityfeed {Purpose} */%' {(isAsleep ? "AND STATE = 'User sleep'" : "")}");

    protected override async Task KillAsync(TestSource source)
    {
        var session = await source.Database.ScalarAsync<long>("SELECT CAST(ID AS SIGNED) FROM information_schema.PROCESSLIST WHERE DB = database() AND ID <> connection_id()");
        await source.Database.ExecuteAsync($"KILL {session}");
    }
}
