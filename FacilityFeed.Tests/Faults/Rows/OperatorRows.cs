using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Storage;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>A person who presses every button of the dashboard, on every kind of job, in every state.</summary>
internal static class OperatorRows
{
    private static readonly string[] _states = ["Enqueued", "Processing", "Scheduled", "Failed", "Succeeded", "Deleted"];
    private static readonly string[] _orders = ["Delete", "Requeue", "Trigger now"];

    /// <summary>One host in this process at a time: Hangfire has one log provider for all, which dies with the host that set it, and a job that is fetched just then is lost.</summary>
    private static readonly SemaphoreSlim _oneHost = new(1);

    private sealed record Kind(string Name, CrashPoint Inside, Func<TestHost, Task<string>> EnqueueAsync);

    public static IEnumerable<Fault> All() => new[]
    {
        new Kind("trigger", CrashPoint.RunWritten, host => Task.FromResult(TriggerNow(host))),
        new Kind("plan", CrashPoint.PlanTaken, async host => (await RunSteps.FindAsync(host, await host.TriggerAsync())).PlanJobId!),
        new Kind("chunk", CrashPoint.ChunkTaken, async host => (await RunSteps.ChunkAsync(host, await RunSteps.PlanAsync(host), 2)).JobId),
        new Kind("manifest", CrashPoint.ManifestTaken, async host => (await RunSteps.FindAsync(host, await RunSteps.FailAsync(host))).ManifestJobId!),
    }.Select(kind => new Fault($"a {kind.Name} job is deleted, requeued and triggered in every state",
        $"{_states.Length * _orders.Length} runs: in each of {string.Join(", ", _states)}, each of {string.Join(", ", _orders)} by the calls of the dashboard; no recovery", async times =>
        {
            foreach (var (state, order) in _states.SelectMany(state => _orders.Select(order => (state, order))))
            {
                await _oneHost.WaitAsync();
                try
                {
                    await HaveAsync(kind, state, order, times);
                }
                finally
                {
                    _oneHost.Release();
                }
            }

            return new FaultOutcome(TimeSpan.Zero, []);
        })
    { Repetitions = 1, Also = "the run ends as it should: failed where its job was deleted, published where it was only disturbed or a failed one was requeued; afterwards the feed is published again", Settings = "within the test's process; 3 chunks, unchanging rows, retries after 3 s" });

    private static async Task HaveAsync(Kind kind, string state, string order, FaultTimes times)
    {
        var gate = new Gate(kind.Inside, kind.Name == "chunk" ? 2 : 0);
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 30), retryDelays: [3], watch: times.Watch, points: gate);
        host.Get<FeedSchedules>().Register();
        try
        {
            await HaveAsync(host, gate, kind, state, order, times);
        }
        catch
        {
            await TestContext.Out.WriteLineAsync($"{kind.Name}, {state}, {order}:\n{await StateDump.ReadAsync(host.State.Connect)}");
            throw;
        }
    }

    private static async Task HaveAsync(TestHost host, Gate gate, Kind kind, string state, string order, FaultTimes times)
    {
        var jobId = await kind.EnqueueAsync(host);
        await BringAsync(host, gate, jobId, state);

        _ = order switch
        {
            "Delete" => host.Get<IBackgroundJobClient>().Delete(jobId),
            "Requeue" => RunSteps.Requeue(host, jobId),
            _ => TriggerNow(host) is not null,
        };
        gate.Open();
        StartWorkers(host);
        await SettledAsync(host, $"a {kind.Name} job, {state}, {order}", times);
        if (Expected(kind, state, order) is { } expected)
        {
            Assert.That((await RunSteps.FindAsync(host, 1)).State, Is.EqualTo(expected), $"run 1 after {kind.Name}, {state}, {order}");
        }

        var promises = new Promises(host.State.Connect, StoredObjects.In(host.StorePath), times.Watch);
        var keys = Enumerable.Range(1, 30).Select(key => (long)key).ToHashSet();
        await promises.AssertAsync(keys, keys.Contains);
        var run = await host.PublishAsync();
        Assert.That(run.State, Is.EqualTo(RunState.Published), $"after {kind.Name}, {state}, {order}: {run.Reason}");
        await promises.AssertAsync(keys, keys.Contains);
    }

    /// <summary>How the run of the job ends; null where that is a matter of moments.</summary>
    private static RunState? Expected(Kind kind, string state, string order) => (state, order) switch
    {
        _ when kind.Name == "trigger" => null,
        // Its other chunks may still be at work: the trigger is skipped then, and nothing comes after the failed run.
        ("Failed" or "Deleted", "Trigger now") when kind.Name == "chunk" => null,
        ("Succeeded", _) => RunState.Published,
        ("Failed" or "Deleted", "Trigger now") => RunState.Superseded,
        // What was not planned has nothing to redrive.
        ("Failed" or "Deleted", "Requeue") => kind.Name == "plan" ? RunState.Failed : RunState.Published,
        (_, "Delete") => RunState.Failed,
        _ => RunState.Published,
    };

    private static async Task BringAsync(TestHost host, Gate gate, string jobId, string state)
    {
        switch (state)
        {
            case "Processing":
                gate.Block();
                StartWorkers(host);
                await Until.TrueAsync(() => Task.FromResult(gate.IsReached), TimeSpan.FromSeconds(60), "the job to be at work");
                break;
            case "Scheduled":
                gate.ThrowOnce(new FeedException("made by the test"));
                StartWorkers(host);
                break;
            case "Failed":
                gate.ThrowOnce(new FeedRejectedException("made by the test"));
                StartWorkers(host);
                break;
            case "Succeeded":
                StartWorkers(host);
                break;
            case "Deleted":
                RunSteps.Delete(host, jobId);
                break;
        }

        await Until.TrueAsync(async () => await host.State.ScalarAsync<string>($"SELECT statename FROM hangfire.job WHERE id = {jobId}") == state, TimeSpan.FromSeconds(60), $"the job to be {state}");
    }

    private static Task SettledAsync(TestHost host, string what, FaultTimes times) => Until.TrueAsync(
        async () => await host.State.ScalarAsync<long>("""
            SELECT (SELECT count(*) FROM feed.run WHERE state IN ('planning', 'running', 'publishing'))
                + (SELECT count(*) FROM hangfire.job WHERE statename IN ('Enqueued', 'Processing', 'Scheduled')) + (SELECT count(*) FROM hangfire.jobqueue)
            """) == 0,
        times.Patience, $"everything to be settled after {what}");

    private static void StartWorkers(TestHost host)
    {
        if (!host.Get<Scheduler.Hosting.JobServers>().IsRunning)
        {
            host.StartWorkers();
        }
    }

    private static string TriggerNow(TestHost host)
    {
        host.Get<IRecurringJobManager>().Trigger("facility");
        using var connection = host.Get<JobStorage>().GetConnection();
        return connection.GetRecurringJobs().Single().LastJobId;
    }

    /// <summary>Holds or fails a job at its crash point.</summary>
    private sealed class Gate(CrashPoint at, int chunk) : CrashPoints
    {
        private TaskCompletionSource? _closed;
        private Exception? _failure;

        public bool IsReached { get; private set; }

        public void Block() => _closed = new TaskCompletionSource();

        public void Open() => _closed?.SetResult();

        public void ThrowOnce(Exception failure) => _failure = failure;

        public override void Pass(CrashPoint point, int chunkOf = 0)
        {
            if (point != at || (chunk != 0 && chunk != chunkOf))
            {
                return;
            }

            IsReached = true;
            _closed?.Task.Wait();
            if (Interlocked.Exchange(ref _failure, null) is { } failure)
            {
                throw failure;
            }
        }
    }
}
