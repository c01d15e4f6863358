using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests.Watching;

/// <summary>Further runs of feeds that are late; the clock of the watcher is moved.</summary>
public sealed class OverdueRepairTests
{
    private FakeTimeProvider _clock = null!;
    private TestHost _host = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings: ("Feeds:facility:Cron", "0 3 * * *"));
        _clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task ALateFeed_IsGivenOneFurtherRun_AuditedAsOverdue_AndIsFreshAgain()
    {
        var published = await _host.PublishAsync();
        await LookAsync(after: TimeSpan.FromHours(47));
        Assert.That(await FurtherAsync(), Is.Empty, "young enough");

        await LookAsync(after: TimeSpan.FromHours(1.5));

        var further = await _host.EndOfAsync(long.Parse(await FurtherAsync(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.That((further.State, further.Origin), Is.EqualTo((RunState.Published, "overdue")));
        Assert.That(await RunSteps.EventsAsync(_host, further.Id), Has.Some.Match("^overdue: the feed is late: nothing of it was published or found unchanged since .* UTC, which is more than its MaxAge of 2 days$"));
        Assert.That(published.Id, Is.LessThan(further.Id));
    }

    [Test]
    public async Task TwoServices_StartIt_Once()
    {
        await _host.PublishAsync();
        _clock.Advance(TimeSpan.FromDays(3));
        await using var another = await _host.AnotherAsync();
        var both = new[] { OverdueOf(_host.Services), OverdueOf(another.Services) };
        var due = both.Select(one => one.ListDue().Single()).ToList();

        var started = await Task.WhenAll(both.Zip(due, (one, late) => Task.Run(() => one.TryStartAsync(late.Feed, late.Freshness, late.Key))));
        // One that saw the same and comes after the end of that run.
        await _host.EndOfAsync(started.OfType<long>().Single());
        var late = new[] { await both[0].TryStartAsync(due[0].Feed, due[0].Freshness, due[0].Key), await both[1].TryStartAsync(due[1].Feed, due[1].Freshness, due[1].Key) };

        Assert.That((started.OfType<long>().Count(), late.OfType<long>().Count()), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task AfterFailures_TheNextComesLater_AndWhatThePersonAskedForCountsNot()
    {
        var first = await RunSteps.FailAsync(_host, 1);
        await LookAsync(after: TimeSpan.FromHours(49));
        var second = await FurtherAsync();
        Assert.That((first, second), Is.EqualTo((first, $"{first + 1}")), "never published, and two days after its first run");

        await EndAsync("failed", TimeSpan.Zero);
        await LookAsync(after: TimeSpan.FromMinutes(58));
        var early = await FurtherAsync();
        await LookAsync(after: TimeSpan.FromMinutes(3));

        Assert.That((early, (await FurtherAsync()).Split(' ').Length), Is.EqualTo((second, 2)), "an hour after the first further one has failed");
    }

    [TestCase("paused")]
    [TestCase("held")]
    [TestCase("active")]
    [TestCase("asked for by hand")]
    [TestCase("cancelled")]
    [TestCase("discarded")]
    public async Task AFeed_IsLeftAlone_WhenItIs(string what)
    {
        await _host.PublishAsync();
        var settled = TimeSpan.FromDays(3);
        switch (what)
        {
            case "paused":
                await _host.Get<RunControl>().PauseAsync("facility", "test");
                break;
            case "asked for by hand":
                _host.Get<Scheduler.Hosting.JobServers>().SendStop();
                await _host.State.ExecuteAsync("INSERT INTO feed.trigger (feed, origin) VALUES ('facility', 'trigger now')");
                break;
            case "active":
                await _host.State.ExecuteAsync("INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, writer) VALUES ('facility', 'x', 'x', 'x', 'x', 'publishing', 2)");
                break;
            default:
                await _host.State.ExecuteAsync($"INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, finished_at, writer) VALUES ('facility', 'x', 'x', 'x', 'x', '{what}', now() + interval '2 days', 2)");
                break;
        }

        await LookAsync(after: settled);

        Assert.That(await FurtherAsync(), Is.Empty);
    }

    [Test]
    public async Task MaxAge_IsTheFeedsOwn_AndNoneWhereItIsOff()
    {
        await using var brief = await _host.AnotherAsync(("Feeds:facility:MaxAge", "90min"));
        await using var none = await _host.AnotherAsync(("Feeds:facility:MaxAge", "off"));
        await _host.PublishAsync();
        _clock.Advance(TimeSpan.FromHours(2));

        Assert.That(new[] { _host.Services, brief.Services, none.Services }.Select(host => OverdueOf(host).ListDue().Count), Is.EqualTo(new[] { 0, 1, 0 }));
        _clock.Advance(TimeSpan.FromDays(4000));
        Assert.That(OverdueOf(none.Services).ListDue(), Is.Empty);
    }

    [Test]
    public async Task APublishAnyway_CountsFromItsMoment()
    {
        await _host.PublishAsync();
        await _host.State.ExecuteAsync("UPDATE feed.run SET requested_at = requested_at - interval '9 days', published_at = published_at - interval '1 day', writer = 2");
        _clock.Advance(TimeSpan.FromHours(23));

        Assert.That(OverdueOf(_host.Services).ListDue(), Is.Empty);
    }

    [Test]
    public async Task AnAge_IsByTheDatabasesClock_HoweverFarThisMachinesIsAhead()
    {
        await _host.PublishAsync();
        // As of a database whose clock is ten days behind.
        await _host.State.ExecuteAsync("""
            UPDATE feed.run SET requested_at = requested_at - interval '10 days', published_at = published_at - interval '10 days', finished_at = finished_at - interval '10 days', writer = 2;
            CREATE SCHEMA behind;
            CREATE FUNCTION behind.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT pg_catalog.clock_timestamp() - interval '10 days' $$;
            """);
        await using var behind = await _host.AnotherAsync(("State:ConnectionString", $"{_host.State.ConnectionString};Search Path=behind,pg_catalog"));

        Assert.That(behind.Services.GetRequiredService<FeedFreshness>().Find("facility")!.IsLate, Is.False);
        Assert.That(_host.Get<FeedFreshness>().Find("facility")!.IsLate, Is.True, "where the clock is right");
    }

    [Test]
    public async Task ItsMaxAge_IsOfTheScheduleThatWasRegisteredLast_ForEveryService()
    {
        await using var differs = await _host.AnotherAsync(("Feeds:facility:Cron", "0 * * * *"));
        await _host.PublishAsync();
        _host.Get<FeedSchedules>().Register();

        var ages = new[] { _host.Services, differs.Services }.Select(services => services.GetRequiredService<FeedFreshness>().Find("facility")!.MaxAge);

        Assert.That(ages, Has.All.EqualTo(TimeSpan.FromDays(2)));
        differs.Services.GetRequiredService<FeedSchedules>().Register();
        Assert.That(ages, Has.All.EqualTo(TimeSpan.FromHours(2)));
    }

    /// <summary>Two looks, a minute apart: what the schedule owes comes first.</summary>
    private async Task LookAsync(TimeSpan after)
    {
        _clock.Advance(after);
        var repair = ActivatorUtilities.CreateInstance<OverdueRepair>(_host.Services, OverdueOf(_host.Services), _clock);
        await repair.RepairAsync(isWakening: false, CancellationToken.None);
        var atOnce = await FurtherAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(await FurtherAsync(), Is.EqualTo(atOnce));
        await repair.RepairAsync(isWakening: false, CancellationToken.None);
    }

    private OverdueRuns OverdueOf(IServiceProvider services) => ActivatorUtilities.CreateInstance<OverdueRuns>(services, ActivatorUtilities.CreateInstance<FeedFreshness>(services, _clock));

    /// <summary>Ends the newest run, by the moved clock.</summary>
    private Task EndAsync(string state, TimeSpan ago) => _host.State.ExecuteAsync($"""
        UPDATE feed.run SET state = '{state}', finished_at = '{_clock.GetUtcNow() - ago:yyyy-MM-dd HH:mm:ss}+00', writer = 2 WHERE id = (SELECT max(id) FROM feed.run)
        """);

    private async Task<string> FurtherAsync() => await _host.State.ScalarAsync<string>("SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM feed.run WHERE origin = 'overdue'");
}
