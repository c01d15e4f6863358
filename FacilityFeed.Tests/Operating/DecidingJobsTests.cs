using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.States;

namespace FacilityFeed.Tests.Operating;

/// <summary>The job of a held run in Hangfire: it has not succeeded, and a person's buttons on it are decisions.</summary>
public sealed class DecidingJobsTests
{
    private TestHost _host = null!;
    private RunView _held = null!;

    private string Job => _held.ManifestJobId!;

    [SetUp]
    public async Task HoldAsync()
    {
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 100), chunkSize: 50);
        Assert.That((await _host.PublishAsync()).State, Is.EqualTo(RunState.Published));
        await _host.Source.ExecuteAsync("DELETE FROM facility WHERE id > 70");
        _held = await _host.PublishAsync();
        await HangfireJob.UntilAsync(_host, Job, "Held");
        await _host.Get<Scheduler.Hosting.JobServers>().DisposeAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task TheManifestJobOfAHeldRun_IsHeld_DoesNotExpire_AndIsNotCountedAsSucceeded()
    {
        var state = HangfireJob.State(_host, Job);

        Assert.That(state.Reason, Is.EqualTo($"Run {_held.Id} is held: 70 records, 100 before, -30.0 %, limit 20 %. Nothing was published; the last feed stays"));
        Assert.That(state.Data["Remedy"], Is.EqualTo($"./run diff {_held.Id} shows what it would change, ./run publish-anyway {_held.Id} --reason '...' publishes it as it is, ./run discard {_held.Id} decides against it"));
        Assert.That(HangfireJob.Details(_host, Job).ExpireAt, Is.Null);
        // Two plans, four chunks, one manifest: all but the second manifest.
        Assert.That(await HangfireJob.CountedAsync(_host, "succeeded"), Is.EqualTo((7L, 7L)));
        Assert.That(_host.Get<JobStorage>().GetMonitoringApi().SucceededListCount(), Is.EqualTo(7));
    }

    [Test]
    public async Task ARepeatedExecution_IsHeldAgain()
    {
        // As an older version's dashboard does it, which does not know the state.
        await _host.State.ExecuteAsync($"INSERT INTO hangfire.jobqueue (jobid, queue) VALUES ({Job}, 'feed2-facility'); UPDATE hangfire.job SET statename = 'Enqueued' WHERE id = {Job}");
        _host.StartWorkers();

        await Until.TrueAsync(() => Task.FromResult(HangfireJob.Details(_host, Job).History.Count(state => state.StateName == "Held") == 2), TimeSpan.FromSeconds(30), "the second execution");

        Assert.That(HangfireJob.Details(_host, Job).History[1].Data["Result"], Does.Contain($"nothing to publish: run {_held.Id} is held"));
        Assert.That(await HangfireJob.CountedAsync(_host, "succeeded"), Is.EqualTo((7L, 7L)));
    }

    [Test]
    public async Task Requeue_IsRefused_WithTheWordsOfPublishAnyway()
    {
        var isRequeued = RunSteps.Requeue(_host, Job);

        var state = HangfireJob.State(_host, Job);
        Assert.That((isRequeued, state.StateName), Is.EqualTo((false, "Held")));
        Assert.That(state.Reason, Is.EqualTo($"Requeue was refused: run {_held.Id} is held: {_held.Reason}"));
        Assert.That(state.Data["Remedy"], Is.EqualTo($"./run diff {_held.Id} shows what it would change, ./run publish-anyway {_held.Id} --reason '...' publishes it as it is, ./run discard {_held.Id} decides against it"));
        Assert.That(await _host.State.ScalarAsync<long>($"SELECT count(*) FROM hangfire.jobqueue WHERE jobid = {Job}"), Is.Zero);
        Assert.That((await RunSteps.FindAsync(_host, _held.Id)).State, Is.EqualTo(RunState.Held));
    }

    [Test]
    public void ARetryThatSomebodyElseSchedules_IsRefusedToo()
    {
        _host.Get<IBackgroundJobClient>().ChangeState(Job, new ScheduledState(TimeSpan.FromHours(1)));

        Assert.That(HangfireJob.State(_host, Job).Reason, Does.StartWith($"Scheduled was refused: run {_held.Id} is held: "));
    }

    [Test]
    public async Task Delete_IsADiscard()
    {
        RunSteps.Delete(_host, Job);

        var run = await RunSteps.FindAsync(_host, _held.Id);
        Assert.That((run.State, run.Reason), Is.EqualTo((RunState.Discarded, "discarded by delete in the dashboard")));
        Assert.That(HangfireJob.State(_host, Job).StateName, Is.EqualTo("Deleted"));
        Assert.That(await HangfireJob.CountedAsync(_host, "deleted"), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void Requeue_OfADiscardedRunsJob_IsRefused_ForItWouldSucceed()
    {
        RunSteps.Delete(_host, Job);

        var isRequeued = RunSteps.Requeue(_host, Job);

        Assert.That((isRequeued, HangfireJob.State(_host, Job).StateName), Is.EqualTo((false, "Failed")));
        Assert.That(HangfireJob.State(_host, Job).Reason, Is.EqualTo($"not requeued: run {_held.Id} is discarded: Trigger now, or ./run publish facility, makes the feed again"));
    }

    [Test]
    public void AnExecutionAfterADiscard_IsNotAmongTheSucceeded()
    {
        RunSteps.Delete(_host, Job);

        _host.Get<IBackgroundJobClient>().ChangeState(Job, new SucceededState(null, 0, 0));

        Assert.That((HangfireJob.State(_host, Job).StateName, HangfireJob.State(_host, Job).Reason), Is.EqualTo(("Deleted", $"Run {_held.Id} was discarded by delete in the dashboard")));
    }

    [Test]
    public async Task Delete_IsRefused_WhereADiscardIs()
    {
        await _host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, entered_at = now() WHERE id = {_held.Id}");

        RunSteps.Delete(_host, Job);

        Assert.That((await RunSteps.FindAsync(_host, _held.Id)).State, Is.EqualTo(RunState.Held));
        Assert.That((HangfireJob.State(_host, Job).StateName, HangfireJob.State(_host, Job).Reason), Is.EqualTo(("Held", $"Delete was refused: the run can no longer be discarded, for its manifest may be visible already. Run {_held.Id} is held: {_held.Reason}")));
        Assert.That(await HangfireJob.CountedAsync(_host, "deleted"), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public async Task ButtonsOnTheOldJob_OfARunThatWasPublishedAnyway_TouchNothing([Values("requeue", "delete")] string button)
    {
        await _host.Get<Scheduler.Operating.RunControl>().PublishAnywayAsync(_held.Id, "checked", "test");
        var publishing = await RunSteps.FindAsync(_host, _held.Id);

        if (button == "requeue")
        {
            RunSteps.Requeue(_host, Job);
            Assert.That(HangfireJob.State(_host, Job).Reason, Is.EqualTo($"Requeue was refused: run {_held.Id} is publishing"));
        }
        else
        {
            RunSteps.Delete(_host, Job);
        }

        Assert.That(HangfireJob.State(_host, Job).StateName, Is.EqualTo("Deleted"));
        Assert.That(await RunSteps.FindAsync(_host, _held.Id), Is.EqualTo(publishing));
    }

    [Test]
    public async Task APlanThatFindsNoRows_IsHeldAsWell()
    {
        await _host.Source.ExecuteAsync("TRUNCATE facility");

        var empty = await _host.PublishAsync();

        await HangfireJob.UntilAsync(_host, empty.PlanJobId!, "Held");
        Assert.That(HangfireJob.State(_host, empty.PlanJobId!).Data["Remedy"], Is.EqualTo("./run publish facility makes it again once that is mended"));
        RunSteps.Delete(_host, empty.PlanJobId!);
        Assert.That((await RunSteps.FindAsync(_host, empty.Id)).State, Is.EqualTo(RunState.Discarded));
    }

    [Test]
    public async Task APlanJobOfAFailedRun_IsNotRequeued_ForItWouldSucceed()
    {
        var runId = await _host.TriggerAsync();
        var plan = (await RunSteps.FindAsync(_host, runId)).PlanJobId!;
        _host.Get<IBackgroundJobClient>().ChangeState(plan, new FailedState(new Domain.FeedRejectedException("no such table")));

        var isRequeued = RunSteps.Requeue(_host, plan);

        Assert.That((isRequeued, HangfireJob.State(_host, plan).StateName), Is.EqualTo((false, "Failed")));
        Assert.That(HangfireJob.State(_host, plan).Reason, Is.EqualTo($"not requeued: run {runId} failed before its chunks were planned: Trigger now, or ./run publish facility, makes the feed again"));
    }
}
