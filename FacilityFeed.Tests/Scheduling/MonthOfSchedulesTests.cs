using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace FacilityFeed.Tests.Scheduling;

/// <summary>
/// A month of two schedules by a moved clock, with a clock change of Europe/Berlin in it: a service that is down for hours, a state database that is away,
/// two schedulers, a changed cron, pauses and triggers by hand. At its end every due time is in the ledger once, and none was made twice.
/// </summary>
[TestFixture("2027-03-10", "2027-04-10", 11)] // one hour is left out
[TestFixture("2027-10-10", "2027-11-10", 12)] // one hour comes twice
public sealed class MonthOfSchedulesTests(string start, string end, int seed)
{
    private const string Daily = "30 2 * * *";
    private static readonly string[] _often = ["*/30 1-3 * * *", "15 1/4 * * *"];
    private static readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private readonly FakeTimeProvider _clock = new(Timetable.At(start));
    private readonly Random _random = new(seed);
    private readonly List<FeedHost> _services = [];
    private readonly List<DateTime> _changes = [];
    private TestHost _host = null!;
    private DateTime _day;

    private DateTime Now => _clock.GetUtcNow().UtcDateTime;

    private string Often => _often[_changes.Count % 2];

    [OneTimeSetUp]
    public async Task Create() => _host = await TestHost.CreateAsync(Facilities.EmptyTable, clock: _clock, settings: Settings());

    [OneTimeTearDown]
    public async Task Drop()
    {
        await StopAsync(_services.Count);
        await _host.DisposeAsync();
    }

    [Test]
    public async Task EveryDueTime_IsInTheLedgerOnce_AndNoneIsMadeTwice()
    {
        await StartAsync(2);
        for (_day = Timetable.At(start); _day < Timetable.At(end); _day = _day.AddDays(1))
        {
            await GoWrongAsync((_day - Timetable.At(start)).Days % 9);
            await StartAsync(2 - _services.Count);
            await LiveAsync(until: 1440);
        }

        AssertTimes("facility", [Daily], []);
        AssertTimes("studios", _often, _changes);
        await AssertRunsAsync();
    }

    /// <summary>What one night brings.</summary>
    private async Task GoWrongAsync(int trouble)
    {
        switch (trouble)
        {
            case 0: // down over some times, and up again between any two
                await StopAsync(2);
                SetClock(_random.Next(60, 400));
                break;
            case 1: // down over some days
                await StopAsync(2);
                _day = _day.AddDays(1);
                SetClock(_random.Next(0, 200));
                break;
            case 2: // one of two is down
                await StopAsync(1);
                await LiveAsync(until: 150);
                break;
            case 3:
                await LiveAsync(until: _random.Next(20, 90));
                await AwayAsync(_random.Next(1, 80));
                break;
            case 4:
                await LiveAsync(until: 20);
                await RefuseJobsAsync();
                break;
            case 5:
                await PauseAsync();
                break;
            case 6: // by hand: it belongs to no time of the schedule
                await LiveAsync(until: _random.Next(20, 90));
                TriggerNow("facility");
                TriggerNow("studios");
                break;
            case 7:
                await ChangeAsync();
                break;
            default: // a person deletes the entries, and a process its jobs
                SetClock(28);
                await _host.State.ExecuteAsync("DELETE FROM hangfire.hash WHERE key LIKE 'recurring-job:%'");
                SetClock(31);
                await EachAsync(service => service.Services.GetRequiredService<ScheduleRepair>().RepairAsync(isWakening: false, CancellationToken.None));
                SetClock(60);
                _services.ForEach(service => Timetable.Schedule(service.Services));
                await _host.State.ExecuteAsync("DELETE FROM hangfire.jobqueue");
                break;
        }
    }

    /// <summary>Moves the clock over each time that comes due until a minute of the day, and lets the services look soon after it, and sometimes a minute later.</summary>
    private async Task LiveAsync(int until)
    {
        var times = new[] { Daily, Often }.SelectMany(cron => new DueTimes(cron, _zone).Between(Now, _day.AddMinutes(until))).Distinct().Order().ToList();
        foreach (var due in times)
        {
            _clock.SetUtcNow(due.AddSeconds(_random.Next(0, 6)));
            await LookAsync();
            if (_random.Next(4) == 0)
            {
                _clock.SetUtcNow(due.AddSeconds(_random.Next(61, 90)));
                await LookAsync();
            }
        }

        SetClock(until);
        await LookAsync();
    }

    /// <summary>What living services do: both at once, or one of them. Most runs end soon.</summary>
    private async Task LookAsync()
    {
        if (_random.Next(3) == 0)
        {
            await EachAsync(LookAsync);
        }
        else
        {
            await LookAsync(_services[_random.Next(_services.Count)]);
        }

        foreach (var feed in new[] { "facility", "studios" })
        {
            if (_random.Next(6) > 0 && await _host.Runs.FindActiveAsync(feed) is { } run)
            {
                await _host.Runs.TryEndAsync(run, RunState.Failed, "test");
            }
        }
    }

    private async Task LookAsync(FeedHost service)
    {
        Timetable.Schedule(service.Services);
        await Timetable.WorkAsync(service.Services, _host.State);
        await service.Services.GetRequiredService<PendingTriggers>().StartDueAsync(CancellationToken.None);
        await service.Services.GetRequiredService<ScheduleRepair>().RepairAsync(isWakening: false, CancellationToken.None);
        await service.Services.GetRequiredService<OccurrenceRepair>().RepairAsync(isWakening: false, CancellationToken.None);
    }

    private Task EachAsync(Func<FeedHost, Task> look) => Task.WhenAll(_services.Select(service => Task.Run(() => look(service))));

    /// <summary>Nobody reaches the state database for some minutes.</summary>
    private async Task AwayAsync(int minutes)
    {
        await TestDatabase.ExecuteOnServerAsync($"ALTER DATABASE {_host.State.Name} WITH ALLOW_CONNECTIONS false");
        await TestDatabase.ExecuteOnServerAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_host.State.Name}'");
        foreach (var at in new[] { 0, 1, minutes })
        {
            _clock.SetUtcNow(Now.AddMinutes(at));
            foreach (var service in _services)
            {
                Assert.That(() => Timetable.Schedule(service.Services), Throws.Exception);
                Assert.That(async () => await service.Services.GetRequiredService<OccurrenceRepair>().RepairAsync(isWakening: false, CancellationToken.None), Throws.Exception);
            }
        }

        await TestDatabase.ExecuteOnServerAsync($"ALTER DATABASE {_host.State.Name} WITH ALLOW_CONNECTIONS true");
        // What the first statements after an outage would find out.
        _services.ForEach(service => service.Services.GetRequiredService<Databases>().State.Clear());
        _host.Get<Databases>().State.Clear();
        _host.State.Connect.Clear();
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Hangfire cannot write its jobs for a while, and may disable the schedules.</summary>
    private async Task RefuseJobsAsync()
    {
        await _host.State.ExecuteAsync(OccurrenceTests.RefuseJobs);
        SetClock(30);
        for (var looks = _random.Next(1, 8); looks > 0; looks--)
        {
            _clock.SetUtcNow(Now.AddSeconds(6));
            Timetable.Schedule(_services[0].Services);
            await _services[1].Services.GetRequiredService<ScheduleRepair>().RepairAsync(isWakening: false, CancellationToken.None);
        }

        await _host.State.ExecuteAsync(OccurrenceTests.TakeJobs);
    }

    private async Task PauseAsync()
    {
        foreach (var service in _services)
        {
            await LiveAsync(until: _random.Next(1, 40));
            await service.Services.GetRequiredService<RunControl>().PauseAsync("facility", "test");
            await service.Services.GetRequiredService<RunControl>().PauseAsync("studios", "test");
            await _host.State.ExecuteAsync($"UPDATE feed.feed_pause SET paused_at = '{Now:O}'");
            if (_random.Next(2) == 0)
            {
                await LiveAsync(until: _random.Next(40, 160));
            }

            SetClock(_random.Next(40, 160));
            await service.Services.GetRequiredService<RunControl>().ResumeAsync("facility", "test");
            await service.Services.GetRequiredService<RunControl>().ResumeAsync("studios", "test");
        }
    }

    // As the dashboard does.
    private void TriggerNow(string feed) =>
        Assert.That(_services[0].Services.GetRequiredService<IRecurringJobManagerFactoryV2>().GetManagerV2(_services[0].Services.GetRequiredService<JobStorage>()).TriggerJob(feed), Is.Not.Null);

    /// <summary>Both services come back with another cron for one feed.</summary>
    private async Task ChangeAsync()
    {
        await LiveAsync(until: _random.Next(10, 80));
        await StopAsync(2);
        // With a time open under the schedule that ends.
        _clock.SetUtcNow(new DueTimes(Often, _zone).Next(Now)!.Value.AddMinutes(_random.Next(0, 29)));
        _changes.Add(Now);
        await StartAsync(2);
    }

    private async Task StartAsync(int count)
    {
        for (; count > 0; count--)
        {
            _services.Add(await _host.AnotherAsync(_clock, Settings()));
            _services[^1].Services.GetRequiredService<FeedSchedules>().Register();
        }
    }

    private async Task StopAsync(int count)
    {
        for (; count > 0; count--)
        {
            await _services[0].DisposeAsync();
            _services.RemoveAt(0);
        }
    }

    // Never back.
    private void SetClock(int minute)
    {
        if (_day.AddMinutes(minute) is var at && at > Now)
        {
            _clock.SetUtcNow(at);
        }
    }

    private (string, string)[] Settings() =>
    [
        ("Feeds:facility:Cron", Daily), ("Feeds:facility:TimeZone", _zone.Id),
        ("Feeds:studios:Name", "studios"), ("Feeds:studios:Prefix", "studios"), ("Feeds:studios:Cron", Often), ("Feeds:studios:TimeZone", _zone.Id), ("Feeds:studios:Overlap", "queue-one"),
    ];

    private void AssertTimes(string feed, string[] crons, List<DateTime> changes)
    {
        DateTime[] bounds = [Timetable.At(start).AddSeconds(-1), .. changes, Now];
        var due = bounds.Zip(bounds.Skip(1)).SelectMany((span, index) => new DueTimes(crons[index % crons.Length], _zone).Between(span.First, span.Second)).ToList();
        var rows = _host.Get<ScheduleLedger>().ListAfter(feed, bounds[0].AddYears(-1));
        Assert.Multiple(() =>
        {
            Assert.That(due, Has.Count.GreaterThan(25));
            foreach (var time in due)
            {
                Assert.That(rows.Count(row => row.FirstDueAt <= time && time <= row.DueAt), Is.EqualTo(1), $"{feed} {time:O}");
            }

            Assert.That(rows.Sum(row => row.Count), Is.EqualTo(due.Count), "and nothing else");
        });
    }

    private async Task AssertRunsAsync()
    {
        Assert.That(await _host.State.ScalarAsync<string>("""
            SELECT coalesce(string_agg(r.id || ' ' || r.origin, ', '), '') FROM feed.run r
            WHERE (SELECT count(*) FROM feed.occurrence WHERE run_id = r.id) <> CASE WHEN r.origin IN ('schedule', 'missed, made late') THEN 1 ELSE 0 END
            """), Is.Empty, "each run of the schedule belongs to one time, and none by hand to any");
        foreach (var reason in new[] { "missed", "paused", "schedule changed" })
        {
            Assert.That(await _host.State.ScalarAsync<long>($"SELECT count(*) FROM feed.occurrence WHERE reason = '{reason}'"), Is.Positive, reason);
        }

        foreach (var origin in new[] { "schedule", "missed, made late", "trigger now" })
        {
            Assert.That(await _host.State.ScalarAsync<long>($"SELECT count(*) FROM feed.run WHERE origin = '{origin}' AND state <> 'skipped'"), Is.Positive, origin);
        }
    }
}
