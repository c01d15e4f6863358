using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>How a session on MariaDB is set up, and what a user may not do; the rest is in <see cref="SourceContract"/>.</summary>
public sealed class MariaDbSessionTests
{
    private static readonly ChunkRange _all = new(7, long.MinValue, long.MaxValue, 0);

    private static readonly string _slowKeys = Facilities.ViewOf("SELECT CAST(seq AS SIGNED) AS id FROM seq_1_to_3 WHERE sleep(600) = 0");

    [TestCase("INSERT ON other", "SELECT command denied")]
    [TestCase("INSERT ON facility", "SELECT command denied")]
    [TestCase("SELECT (id, name) ON facility", "lacks the columns")]
    public async Task CheckAsync_SaysWhichRightIsMissing_WhenTheUserMayDoSomethingElse(string right, string reason)
    {
        await using var role = await TestRole.CreateMariaDbAsync();
        await using var source = await TestSource.CreateMariaDbAsync(
            $"{Facilities.EmptyTable}{Facilities.Table("other")}GRANT {right} TO {role.Name}", change: options => options with { User = role.Name, Password = role.Password });

        var refusal = (await Assert.ThrowsAsync<FeedRejectedException>(() => source.Source.CheckAsync(CancellationToken.None)))!;

        Assert.That(refusal.Message, Does.Contain(reason).And.Contain("facility").And.Not.Contain(role.Password));
    }

    [Test]
    public async Task OpenChunkAsync_MayOnlyRead()
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.Numbered(1, 3, SqlWords.MariaDb));

        await using var rows = await source.Source.OpenChunkAsync(_all, "run 12 chunk 7", CancellationToken.None);

        Assert.That(await source.Database.ScalarAsync<string>("""
            SELECT group_concat(trx_is_read_only, ' ', trx_isolation_level) FROM information_schema.INNODB_TRX
            WHERE trx_mysql_thread_id IN (SELECT ID FROM information_schema.PROCESSLIST WHERE DB = database() AND ID <> connection_id())
            """), Is.EqualTo("1 REPEATABLE READ"));
    }

    [Test]
    public async Task OpenChunkAsync_ReadsInOneSnapshot_AndNotForEver()
    {
        await using var source = await TestSource.CreateMariaDbAsync(
            "CREATE FUNCTION settings() RETURNS text RETURN concat(@@session.max_statement_time, ' ', @@session.tx_isolation);" + Facilities.ViewOfNamed("SELECT 1 AS id, settings() AS name"),
            change: options => options with { StatementTimeout = TimeSpan.FromSeconds(77) });

        Assert.That((await source.ReadAsync()).Single().Name, Is.EqualTo("77.000000 REPEATABLE-READ"));
    }

    [Test]
    public async Task DisposeAsync_LeavesNothingOfTheChunkInThePool()
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.Numbered(1, 3, SqlWords.MariaDb));
        await source.ReadAsync();

        await using var command = source.Pool.Database.CreateCommand("SELECT concat(@@session.max_statement_time, ' ', @@in_transaction)");
        var settings = await command.ExecuteScalarAsync();

        Assert.That(settings, Is.EqualTo("0.000000 0"));
    }

    [TestCase("run 1 */ DROP TABLE facility; /* chunk 1")]
    [TestCase("run 1 **// nonsense /*! nonsense */")]
    [TestCase("run ? @p0 'chunk' \"1\" `")]
    public async Task OpenChunkAsync_SaysNothingButItsPurpose_WhateverTheWords(string purpose)
    {
        await using var source = await TestSource.CreateMariaDbAsync(Facilities.Numbered(1, 3, SqlWords.MariaDb));

        await using var rows = await source.Source.OpenChunkAsync(_all, purpose, CancellationToken.None);

        Assert.That(await TestSource.ReadAsync(rows, CancellationToken.None), Has.Count.EqualTo(3));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task OpenKeysAsync_StopsTheDatabaseToo_WhenCancelledWhileItPlans(CancellationToken deadline)
    {
        await using var source = await TestSource.CreateMariaDbAsync(_slowKeys);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var opening = source.Source.OpenKeysAsync(cancel.Token);
        await Until.TrueAsync(async () => await AsleepAsync(source) == 1, TimeSpan.FromSeconds(20), "the plan to sleep");

        await cancel.CancelAsync();

        await Assert.CatchAsync<OperationCanceledException>(() => opening);
        Assert.That(await AsleepAsync(source), Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task OpenKeysAsync_NamesTheSetting_WhenPlanningTakesTooLong(CancellationToken deadline)
    {
        await using var source = await TestSource.CreateMariaDbAsync(_slowKeys, change: options => options with { StatementTimeout = TimeSpan.FromSeconds(1) });

        var failure = (await Assert.CatchAsync<FeedException>(() => source.Source.OpenKeysAsync(deadline)))!;

        Assert.That(failure, Is.Not.InstanceOf<FeedRejectedException>());
        Assert.That(failure.Message, Does.Contain("planning from facility").And.Contain("Source:StatementTimeoutSeconds"));
    }

    private static Task<long> AsleepAsync(TestSource source) =>
        source.Database.ScalarAsync<long>("SELECT count(*) FROM information_schema.PROCESSLIST WHERE DB = database() AND STATE = 'User sleep'");
}
