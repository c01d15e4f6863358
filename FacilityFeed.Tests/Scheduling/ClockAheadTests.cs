using FacilityFeed.Infrastructure.Ledger.Schedules;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Scheduling;

/// <summary>A machine whose clock is a day ahead of the database's settles no time that has not come: it would be nobody's when it does.</summary>
public sealed class ClockAheadTests
{
    private const string Cron = "*/15 * * * *";

    private TestHost _host = null!;
    private FeedHost _ahead = null!;

    private FeedOccurrences Occurrences => _ahead.Services.GetRequiredService<FeedOccurrences>();

    private ScheduleLedger Ledger => _ahead.Services.GetRequiredService<ScheduleLedger>();

    [SetUp]
    public async Task CreateAsync()
    {
        _host = await TestHost.CreateAsync(Facilities.EmptyTable, settings: ("Feeds:facility:Cron", Cron));
        await _host.State.ExecuteAsync("""
            CREATE SCHEMA behind;
            CREATE FUNCTION behind.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT pg_catalog.clock_timestamp() - interval '1 day' $$;
            """);
        _ahead = await _host.AnotherAsync(("Feeds:facility:Cron", Cron), ("State:ConnectionString", $"{_host.State.ConnectionString};Search Path=behind,pg_catalog"));
        _ahead.Services.GetRequiredService<FeedSchedules>().WriteDown(_host.Feed);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _ahead.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Test]
    public void ItsSchedule_CountsFromTheDatabasesNow() =>
        Assert.That(Ledger.Find("facility")!.Since, Is.EqualTo(DateTime.UtcNow.AddDays(-1)).Within(TimeSpan.FromMinutes(2)));

    [Test]
    public void NoTimeIsOverdue_NorEndedByAPause_NorByAnotherSchedule()
    {
        Assert.That(Occurrences.FindOverdue(Ledger.Find("facility")!), Is.Null);
        Occurrences.EndPause("facility", DateTime.UtcNow.AddDays(-2));
        Occurrences.EndDeleted("facility", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Occurrences.Register(_host.Feed with { Cron = "0 3 * * *" }, () => throw new InvalidOperationException("it is written down already"));

        Assert.That(Ledger.ListAfter("facility", DateTime.UtcNow.AddDays(-1).AddMinutes(2)), Is.Empty);
        Assert.That(Ledger.Find("facility")!.SettledTo, Is.EqualTo(DateTime.UtcNow.AddDays(-1)).Within(TimeSpan.FromMinutes(2)));
    }

    [Test]
    public void ATrigger_TakesNoTimeThatIsYetToCome() =>
        Assert.That(Occurrences.Find(_host.Feed, DateTime.UtcNow).Due, Is.LessThan(DateTime.UtcNow.AddDays(-1).AddMinutes(2)));
}
