using FacilityFeed.Infrastructure.Ledger.Attempts;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;

namespace FacilityFeed.Tests.Watching;

/// <summary>Triggers by hand whose jobs or processes are lost.</summary>
public sealed class TriggerRepairTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private static readonly ProcessIdentity _dead = ProcessIdentity.Current with { StartTicks = ProcessIdentity.Current.StartTicks - 1 };
    private static readonly ProcessIdentity _elsewhere = _dead with { Namespace = "pid:[1],time:[1]" };

    // So long that only what is certain at once is mended.
    private static readonly WatchTimes _never = WatchedRun.Soon with { Silence = TimeSpan.FromHours(1), Start = TimeSpan.FromHours(1) };

    private TestHost _host = null!;
    private string _job = "";

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task OneWhoseProcessDiedWithIt_IsCarriedOutByAnotherJob_AtTheFirstLook()
    {
        await TriggerAsync(_never);
        await TakenAsync(_dead);

        await TickAsync();

        var newJob = await JobAsync();
        Assert.That(newJob, Is.Not.EqualTo(_job));
        Assert.That(HangfireJob.Recurring(_host).LastJobId, Is.EqualTo(newJob), "what the page shows");
        _host.StartWorkers();
        await _host.EndOfAsync(1);
        Assert.That(await RunSteps.EventsAsync(_host, 1), Has.Some.EqualTo($"repair: its trigger: job {_job} was at work in a process that is gone; job {newJob} takes over"));
        Assert.That(await _host.Get<HandTriggers>().RunAsync(1, _job), Is.EqualTo($"job {newJob} has taken trigger 1 over"), "when Hangfire hands the old one out again");
    }

    [Test]
    public async Task OneThatIsAtWork_InALivingProcessOrAnotherMachine_IsLeft()
    {
        await TriggerAsync(_never);
        foreach (var process in new[] { ProcessIdentity.Current, _elsewhere })
        {
            await TakenAsync(process);
            await TickAsync();
            Assert.That(await JobAsync(), Is.EqualTo(_job), $"{process}");
        }
    }

    [Test]
    public async Task OneWhoseJobIsLost_IsGivenAnother_AtTheFirstLook()
    {
        await TriggerAsync(_never);
        await _host.State.ExecuteAsync($"DELETE FROM hangfire.jobqueue WHERE jobid = {_job}; DELETE FROM hangfire.job WHERE id = {_job}");

        await TickAsync();

        Assert.That(await JobAsync(), Is.Not.EqualTo(_job));
    }

    [TestCase("Processing", true, "has come to no end for 0 s")]
    [TestCase("Processing", false, "left its queue and has not begun for 0 s")]
    [TestCase("Enqueued", false, "left its queue and has not begun for 0 s")]
    [TestCase("Scheduled", false, "waited for its next try, and Hangfire's schedule did not have it")]
    [TestCase("Succeeded", true, "ended without an effect on the ledger")]
    public async Task OneThatStaysWhereItIs_IsGivenAnother(string state, bool isTaken, string why)
    {
        await TriggerAsync(WatchedRun.Soon);
        if (isTaken)
        {
            await TakenAsync(_elsewhere);
        }

        await FetchedAsync(state);
        await _host.State.ExecuteAsync("DELETE FROM hangfire.jobqueue WHERE jobid IN (SELECT id FROM hangfire.job WHERE statename = 'Scheduled')");

        await Until.TrueAsync(async () =>
        {
            await TickAsync();
            return await JobAsync() != _job;
        }, _deadline, "another job");

        Assert.That(await _host.State.ScalarAsync<string>("SELECT reason FROM feed.trigger"), Does.Contain($"job {_job} {why}; job "));
    }

    [Test]
    public async Task OneThatWaits_InItsQueueOrForItsRetry_IsLeft()
    {
        await TriggerAsync(WatchedRun.Soon);
        for (var look = 0; look < 3; look++)
        {
            await TickAsync();
        }

        await _host.State.ExecuteAsync($"DELETE FROM hangfire.jobqueue WHERE jobid = {_job}; UPDATE hangfire.job SET statename = 'Scheduled' WHERE id = {_job}; INSERT INTO hangfire.set (key, value, score) VALUES ('schedule', 'feed-facility:{_job}', 4e9)");
        for (var look = 0; look < 3; look++)
        {
            await TickAsync();
        }

        Assert.That(await JobAsync(), Is.EqualTo(_job));
    }

    [Test]
    public async Task OneThatHangfireGivesUp_WithoutAWordToTheLedger_IsTriedFiveTimes_AndThenOverWithHangfiresReason()
    {
        await TriggerAsync(WatchedRun.Soon);

        await Until.TrueAsync(async () =>
        {
            await _host.State.ExecuteAsync("""
                DELETE FROM hangfire.jobqueue;
                WITH made AS (INSERT INTO hangfire.state (jobid, name, reason, createdat, data) SELECT id, 'Failed', 'Failed to change state to a Processing', now(), '{}' FROM hangfire.job WHERE statename <> 'Failed' RETURNING id, jobid)
                UPDATE hangfire.job SET statename = 'Failed', stateid = made.id FROM made WHERE job.id = made.jobid
                """);
            await TickAsync();
            return await _host.State.ScalarAsync<bool>("SELECT ended_at IS NOT NULL FROM feed.trigger");
        }, _deadline, "the end of the trigger");

        Assert.That(await _host.State.ScalarAsync<string>("SELECT concat_ws(' ', replacements, reason) FROM feed.trigger"), Is.EqualTo("5 Failed to change state to a Processing"));
    }

    [Test]
    public async Task OneThatAPersonDeleted_IsOver()
    {
        await TriggerAsync(WatchedRun.Soon);
        await FetchedAsync("Deleted");

        await Until.TrueAsync(async () =>
        {
            await TickAsync();
            return await _host.State.ScalarAsync<bool>("SELECT ended_at IS NOT NULL FROM feed.trigger");
        }, _deadline, "the end of the trigger");

        Assert.That(await _host.State.ScalarAsync<string>("SELECT reason FROM feed.trigger"), Is.EqualTo("the job was deleted in the dashboard"));
    }

    private async Task TriggerAsync(WatchTimes times)
    {
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), watch: times);
        _host.Get<FeedSchedules>().Register();
        _job = _host.Get<IRecurringJobManagerV2>().TriggerJob("facility")!;
    }

    /// <summary>As a process leaves it that fetched the job and took the trigger, a moment ago.</summary>
    private async Task TakenAsync(ProcessIdentity process)
    {
        await _host.State.ExecuteAsync($"UPDATE feed.trigger SET attempt = attempt + 1, taken_at = now(), process = '{process}'");
        await FetchedAsync("Processing");
    }

    private Task FetchedAsync(string state) => _host.State.ExecuteAsync($"UPDATE hangfire.jobqueue SET fetchedat = now() WHERE jobid = {_job}; UPDATE hangfire.job SET statename = '{state}' WHERE id = {_job}");

    private Task TickAsync() => _host.Get<Watcher>().TickAsync(CancellationToken.None);

    private Task<string> JobAsync() => _host.State.ScalarAsync<string>("SELECT job_id FROM feed.trigger")!;
}
