using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.States;

namespace FacilityFeed.Tests.Watching;

/// <summary>What the recurring page shows of a feed, and which jobs stay red, after the watcher's look.</summary>
public sealed class DashboardRepairTests
{
    private TestHost _host = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), watch: WatchedRun.Soon);
        _host.Get<FeedSchedules>().Register();
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task AFailedRun_IsShownByTheFirstChunkThatFailed()
    {
        var runId = await RunSteps.FailAsync(_host, 2, 3);
        var chunk = await RunSteps.ChunkAsync(_host, runId, 2);

        await TickAsync();

        Assert.That((Shown().LastJobId, Shown().LastJobState), Is.EqualTo((chunk.JobId, "Failed")), "an operator deleted it, and the run has failed all the same");
    }

    [Test]
    public async Task AFailedPlan_TurnsTheEntryRed_AtOnceAndWithoutTheWatcher()
    {
        await _host.Source.ExecuteAsync("DROP TABLE facility");

        var run = await _host.PublishAsync();

        await HangfireJob.UntilAsync(_host, run.PlanJobId!, "Failed");
        Assert.That((run.State, Shown().LastJobId, Shown().LastJobState), Is.EqualTo((RunState.Failed, run.PlanJobId, "Failed")));
    }

    [Test]
    public async Task TheEntry_GoesWithTheRun_FromItsPlanToItsEnd()
    {
        var runId = await _host.TriggerAsync();
        await AssertShownAsync((await RunSteps.FindAsync(_host, runId)).PlanJobId!);
        await _host.Get<Scheduler.Planning.RunPlanner>().PlanAsync(runId, (await RunSteps.FindAsync(_host, runId)).PlanJobId!, CancellationToken.None);
        await AssertShownAsync((await RunSteps.ChunkAsync(_host, runId, 1)).JobId);
        foreach (var chunk in await _host.Chunks.ListAsync(runId, CancellationToken.None))
        {
            await _host.Get<Scheduler.Exporting.ChunkRunner>().RunAsync(runId, chunk.Number, chunk.JobId, CancellationToken.None);
        }

        await AssertShownAsync((await RunSteps.FindAsync(_host, runId)).ManifestJobId!);
        await _host.Get<RunControl>().CancelAsync(runId, "test");
        await AssertShownAsync((await RunSteps.FindAsync(_host, runId)).ManifestJobId!);
    }

    [Test]
    public async Task AnEntryThatSomethingElseChanged_IsCorrected_AndOneThatIsGoneIsNotMade()
    {
        var run = await _host.PublishAsync();
        await _host.State.ExecuteAsync("UPDATE hangfire.hash SET value = '4711' WHERE field = 'LastJobId'");
        await AssertShownAsync(run.ManifestJobId!);

        _host.Get<IRecurringJobManager>().RemoveIfExists("facility");
        await TickAsync();

        Assert.That(await _host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.hash"), Is.Zero);
    }

    [Test]
    public async Task AnEntryThatHangfireHasLocked_IsLeft_AndCorrectedLater()
    {
        var runId = await _host.TriggerAsync();
        var plan = (await RunSteps.FindAsync(_host, runId)).PlanJobId!;
        await _host.State.ExecuteAsync("INSERT INTO hangfire.lock (resource, updatecount, acquired) VALUES ('hangfire:lock:recurring-job:facility', 0, now())");

        _host.Get<LastJobs>().TryCorrect("facility");
        var whileLocked = Shown().LastJobId;
        await _host.State.ExecuteAsync("DELETE FROM hangfire.lock");

        await AssertShownAsync(plan);
        Assert.That(whileLocked, Is.Null);
    }

    [Test]
    public async Task AnEntry_IsNotTouchedInsideATransaction()
    {
        await _host.TriggerAsync();
        using (LedgerTransaction.Begin())
        {
            _host.Get<LastJobs>().TryCorrect("facility");
        }

        Assert.That(Shown().LastJobId, Is.Null);
    }

    [Test]
    public async Task ATriggerThatWasSkipped_LeavesTheRunsColour()
    {
        var run = await _host.PublishAsync();
        await _host.Get<RunControl>().PauseAsync("facility", "test");
        var trigger = _host.Get<IRecurringJobManagerV2>().TriggerJob("facility");

        await HangfireJob.UntilAsync(_host, trigger, "Succeeded");

        Assert.That(Shown().LastJobId, Is.EqualTo(run.ManifestJobId));
        Assert.That(HangfireJob.State(_host, trigger).Data["Result"], Does.Contain("skipped: the feed is paused; ./run resume facility lets runs start again"));
    }

    [Test]
    public async Task ATriggerThatFailed_StaysRed_UntilALaterRunIsPublished()
    {
        await _host.PublishAsync();
        await IdleAsync();
        var trigger = _host.Get<IRecurringJobManagerV2>().TriggerJob("facility");
        await TickAsync();
        var whileWaiting = Shown().LastJobId;
        _host.Get<IBackgroundJobClient>().ChangeState(trigger, new FailedState(new Domain.FeedRejectedException("no such feed")));
        await TickAsync();
        Assert.That((whileWaiting, Shown().LastJobId, Shown().LastJobState), Is.EqualTo((trigger, trigger, "Failed")), "no run knows of it");

        var run = await _host.PublishAsync();
        await AssertShownAsync(run.ManifestJobId!);

        Assert.That((HangfireJob.State(_host, trigger).StateName, HangfireJob.State(_host, trigger).Reason), Is.EqualTo(("Deleted", $"Run {run.Id} was published since")));
    }

    [Test]
    public async Task AHealedFeed_ShowsNoRed_AndItsOldRunStaysAsItIs()
    {
        var failed = await RunSteps.FailAsync(_host, 2);
        await FailForHangfireAsync((await RunSteps.ChunkAsync(_host, failed, 2)).JobId);
        await TickAsync();
        Assert.That(Shown().LastJobState, Is.EqualTo("Failed"));

        var healed = await _host.PublishAsync();
        await IdleAsync();
        var before = await RunSteps.FindAsync(_host, failed);
        await AssertShownAsync(healed.ManifestJobId!);

        var old = HangfireJob.State(_host, (await RunSteps.ChunkAsync(_host, failed, 2)).JobId);
        Assert.That((old.StateName, old.Reason), Is.EqualTo(("Deleted", $"Run {healed.Id} was published after run {failed}")));
        Assert.That((Shown().LastJobState, _host.Get<JobStorage>().GetMonitoringApi().FailedCount()), Is.EqualTo(("Succeeded", 0L)));
        Assert.That((before.State, await RunSteps.FindAsync(_host, failed)), Is.EqualTo((RunState.Superseded, before)), "nothing was settled or counted once more");
        Assert.That((await RunSteps.ChunkAsync(_host, failed, 2)).State, Is.EqualTo(ChunkState.Failed));
    }

    [Test]
    public async Task TheOldJobOfARedrivenChunk_IsNotRedForEver()
    {
        var runId = await RunSteps.FailAsync(_host, 2);
        var old = (await RunSteps.ChunkAsync(_host, runId, 2)).JobId;
        await FailForHangfireAsync(old);
        await _host.Get<RunControl>().RedriveAsync(runId, "test");

        await TickAsync();

        var chunk = await RunSteps.ChunkAsync(_host, runId, 2);
        Assert.That((HangfireJob.State(_host, old).StateName, HangfireJob.State(_host, old).Reason), Is.EqualTo(("Deleted", $"Run {runId} is running: job {chunk.JobId} was given this work")));
        Assert.That((chunk.State, (await RunSteps.FindAsync(_host, runId)).Remaining), Is.EqualTo((ChunkState.Planned, 1)));
    }

    [Test]
    public async Task AFailedJobOfARunThatMayGoOn_StaysRed()
    {
        var runId = await RunSteps.FailAsync(_host, 2);
        var job = (await RunSteps.ChunkAsync(_host, runId, 2)).JobId;
        await FailForHangfireAsync(job);

        await TickAsync();

        Assert.That(HangfireJob.State(_host, job).StateName, Is.EqualTo("Failed"));
    }

    [TestCase("published anyway", "Run 1 was published anyway, by job ")]
    [TestCase("discarded", "Run 1 was discarded by test: a bad import")]
    [TestCase("superseded", "Run 2 was published after run 1")]
    public async Task AHeldJob_GoesWhenItsRunIsDecidedOn(string decision, string reason)
    {
        var held = await HoldAsync();
        Task decided = decision switch
        {
            "published anyway" => _host.Get<RunControl>().PublishAnywayAsync(held.Id, "checked", "test"),
            "discarded" => _host.Get<RunControl>().DiscardAsync(held.Id, "a bad import", "test"),
            _ => _host.PublishAsync(),
        };
        await decided;
        var before = await RunSteps.FindAsync(_host, held.Id);

        await TickAsync();

        Assert.That((HangfireJob.State(_host, held.ManifestJobId!).StateName, HangfireJob.State(_host, held.ManifestJobId!).Reason), Is.EqualTo(("Deleted", reason + (decision == "published anyway" ? before.ManifestJobId : ""))));
        Assert.That((await RunSteps.FindAsync(_host, held.Id)).State, Is.EqualTo(before.State));
    }

    [TestCase(RunState.Held, "Succeeded", "Held")]
    [TestCase(RunState.Failed, "Succeeded", "Failed")]
    [TestCase(RunState.Held, "Deleted", "Held")]
    [TestCase(RunState.Failed, "Deleted", "Failed")]
    public async Task AJobThatStandsOtherwiseThanItsRun_IsTurnedOnce_AsAfterACrashAnOlderVersionOrAPerson(RunState state, string jobState, string expected)
    {
        var runId = await RunSteps.FailAsync(_host);
        var job = (await RunSteps.FindAsync(_host, runId)).ManifestJobId!;
        await SetAsync(runId, state, job, jobState);

        await TickAsync();
        await TickAsync();

        Assert.That((HangfireJob.State(_host, job).StateName, HangfireJob.Details(_host, job).ExpireAt, Shown().LastJobId), Is.EqualTo((expected, (DateTime?)null, job)));
        Assert.That(HangfireJob.State(_host, job).Reason, Does.EndWith("as the ledger has it"));
        Assert.That(await RunSteps.EventsAsync(_host, runId), Has.One.EqualTo($"repair: job {job} stood as {jobState.ToLowerInvariant()}, and the run is {StateName.Of(state)}: it is {expected} now"));
    }

    [TestCase(RunState.Cancelled)]
    [TestCase(RunState.Discarded)]
    public async Task AWithdrawnRun_IsNeitherGreenNorRed(RunState state)
    {
        var runId = await RunSteps.FailAsync(_host);
        var job = (await RunSteps.FindAsync(_host, runId)).ManifestJobId!;
        await SetAsync(runId, state, job, "Succeeded");

        await TickAsync();
        await TickAsync();

        Assert.That((Shown().LastJobId, Shown().LastJobState, HangfireJob.State(_host, job).Reason), Is.EqualTo((job, "Deleted", $"Run {runId} was as the ledger has it")));
        Assert.That(HangfireJob.Details(_host, job).History.Count(one => one.StateName == "Deleted"), Is.EqualTo(1));
    }

    [Test]
    public async Task ACancelledRun_WithFailedChunks_IsGrey_LeavesNoRed_AndItsChunksStayAsTheyAre()
    {
        var runId = await RunSteps.PlanAsync(_host);
        var failed = await RunSteps.ChunkAsync(_host, runId, 1);
        RunSteps.Delete(_host, failed.JobId);
        await FailForHangfireAsync(failed.JobId);
        await _host.Get<RunControl>().CancelAsync(runId, "test");
        var open = await RunSteps.ChunkAsync(_host, runId, 2);
        // As its worker leaves it, which finds its run cancelled.
        _host.Get<IBackgroundJobClient>().ChangeState(open.JobId, new SucceededState(null, 0, 0));

        await TickAsync();
        await TickAsync();

        Assert.That((Shown().LastJobId, Shown().LastJobState), Is.EqualTo((open.JobId, "Deleted")));
        Assert.That((HangfireJob.State(_host, failed.JobId).StateName, HangfireJob.State(_host, failed.JobId).Reason), Is.EqualTo(("Deleted", $"Run {runId} was cancelled by test")));
        Assert.That(await RunSteps.ChunkAsync(_host, runId, 2), Is.EqualTo(open));
    }

    [Test]
    public async Task AFailedRun_WhoseFirstFailedJobIsGone_IsShownByAnother()
    {
        var runId = await RunSteps.FailAsync(_host, 2, 3);
        await _host.State.ExecuteAsync($"DELETE FROM hangfire.job WHERE id = {(await RunSteps.ChunkAsync(_host, runId, 2)).JobId}");

        await TickAsync();

        Assert.That((Shown().LastJobId, Shown().LastJobState), Is.EqualTo(((await RunSteps.ChunkAsync(_host, runId, 3)).JobId, "Failed")));
    }

    [Test]
    public async Task ADeletedJobOfARun_ThatALaterOneMadeOfNoAccount_StaysDeleted()
    {
        var failed = await RunSteps.FailAsync(_host, 2);
        var job = (await RunSteps.ChunkAsync(_host, failed, 2)).JobId;
        var later = await _host.PublishAsync();
        await IdleAsync();
        await _host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'failed' WHERE id = {failed}; UPDATE feed.run SET {Protocol.Writer}, state = 'unchanged' WHERE id = {later.Id}");
        await FailForHangfireAsync(job);

        await TickAsync();
        await TickAsync();
        await TickAsync();

        Assert.That(HangfireJob.Details(_host, job).History.Select(one => one.StateName).Take(2), Is.EqualTo(new[] { "Deleted", "Failed" }));
    }

    [Test]
    public async Task ManyRedJobs_GoAtOneLook()
    {
        var runId = await RunSteps.FailAsync(_host, 2);
        var job = (await RunSteps.ChunkAsync(_host, runId, 2)).JobId;
        await _host.State.ExecuteAsync($"""
            INSERT INTO hangfire.job (statename, invocationdata, arguments, createdat)
            SELECT 'Failed', invocationdata, arguments, createdat FROM hangfire.job, generate_series(1, 150) WHERE id = {job}
            """);

        await TickAsync();

        Assert.That(_host.Get<JobStorage>().GetMonitoringApi().FailedCount(), Is.EqualTo(1), "all but the one that failed its run");
    }

    [Test]
    public async Task JobsThatCannotBeMoved_ComeLast()
    {
        var runId = await RunSteps.FailAsync(_host, 2);
        var job = (await RunSteps.ChunkAsync(_host, runId, 2)).JobId;
        await _host.State.ExecuteAsync($"""
            INSERT INTO hangfire.job (statename, invocationdata, arguments, createdat)
            SELECT 'Failed', invocationdata, arguments, createdat FROM hangfire.job, generate_series(1, 3) WHERE id = {job}
            """);
        var types = new JobTypes(typeof(TriggerJob).FullName!, "plan", typeof(Scheduler.Exporting.ChunkJob).FullName!, "manifest");
        var all = Obsolete([], 10);

        Assert.That(Obsolete([all[0], all[1]], 2), Is.EqualTo(new[] { all[2], all[0] }));

        List<string> Obsolete(string[] last, int most) => [.. _host.Get<RunJobsLedger>().ListObsolete(["facility"], types, last, most).Select(one => one.JobId)];
    }

    [Test]
    public async Task AFeedThatWasNeverTriggered_OrWhoseEntryCameBack_ShowsItsRun_AndKeepsItsNextTime()
    {
        var run = await _host.PublishAsync();
        var next = Shown().NextExecution;
        await TickAsync();
        Assert.That((Shown().LastExecution, Shown().NextExecution), Is.EqualTo((run.RequestedAt, next)).Within(TimeSpan.FromMilliseconds(1)));

        _host.Get<IRecurringJobManager>().RemoveIfExists("facility");
        _host.Get<FeedSchedules>().Renew(_host.Feed, Renewal.Deleted);
        await TickAsync();

        Assert.That((Shown().LastJobId, Shown().LastExecution is null, Shown().NextExecution), Is.EqualTo((run.ManifestJobId, false, next)));
    }

    [Test]
    public async Task AScheduleThatWasMissed_IsNotHiddenByARunSince()
    {
        await _host.State.ExecuteAsync("UPDATE hangfire.hash SET value = '2026-01-02T03:00:00.0000000Z' WHERE field = 'NextExecution'");
        await _host.PublishAsync();

        _host.Get<LastJobs>().TryCorrect("facility");

        Assert.That(await _host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.hash WHERE field = 'LastExecution' AND value > '2026-01-02'"), Is.Zero, "Hangfire would leave the missed time out");
    }

    /// <summary>A run and its deciding job as something else has left them.</summary>
    private Task SetAsync(long runId, RunState state, string job, string jobState) => _host.State.ExecuteAsync($"""
        UPDATE feed.run SET {Protocol.Writer}, state = '{StateName.Of(state)}', reason = 'as the ledger has it' WHERE id = {runId};
        DELETE FROM hangfire.jobqueue WHERE jobid = {job};
        UPDATE hangfire.job SET statename = '{jobState}', expireat = now() + interval '1 day' WHERE id = {job}
        """);

    /// <summary>A held run on a host without workers.</summary>
    private async Task<RunView> HoldAsync()
    {
        var runId = await RunSteps.FailAsync(_host);
        var job = (await RunSteps.FindAsync(_host, runId)).ManifestJobId!;
        var ledger = _host.Get<PublishingLedger>();
        await ledger.TryEndAsync((await ledger.TryTakeAsync(runId, job))!, RunState.Held, "as if the guard had said so");
        await _host.State.ExecuteAsync("DELETE FROM hangfire.jobqueue");
        _host.Get<IBackgroundJobClient>().ChangeState(job, new SucceededState(null, 0, 0));
        Assert.That(HangfireJob.State(_host, job).StateName, Is.EqualTo("Held"));
        return await RunSteps.FindAsync(_host, runId);
    }

    private async Task AssertShownAsync(string jobId)
    {
        await TickAsync();
        Assert.That(Shown().LastJobId, Is.EqualTo(jobId));
    }

    // The test's way of failing a chunk is to delete its job; Hangfire itself would have it among the failed ones.
    private Task FailForHangfireAsync(string jobId) => _host.State.ExecuteAsync($$"""
        WITH s AS (INSERT INTO hangfire.state (jobid, name, createdat, data) VALUES ({{jobId}}, 'Failed', now(), '{}') RETURNING id)
        UPDATE hangfire.job SET statename = 'Failed', stateid = s.id, expireat = NULL FROM s WHERE job.id = {{jobId}}
        """);

    private async Task IdleAsync() => await _host.Get<Scheduler.Hosting.JobServers>().DisposeAsync();

    private Hangfire.Storage.RecurringJobDto Shown() => HangfireJob.Recurring(_host);

    // Where workers run, their own look may be under way.
    private Task TickAsync() => Until.TrueAsync(() => _host.Get<Watcher>().TickAsync(CancellationToken.None), TimeSpan.FromSeconds(20), "a look of the watcher");
}
