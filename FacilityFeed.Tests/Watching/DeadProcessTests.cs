using System.Text.RegularExpressions;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Attempts;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Watching;

/// <summary>Work of processes that are gone, with the shipped times: at once where that is known, otherwise after the silence.</summary>
public sealed class DeadProcessTests
{
    private const string Gone = "was in the hands of a process that is gone";

    private static readonly ProcessIdentity _me = ProcessIdentity.Current;

    // Its pid came again: this process has it now.
    private static readonly ProcessIdentity _dead = _me with { StartTicks = _me.StartTicks - 1 };

    [TestCase("plan")]
    [TestCase("chunk 1")]
    [TestCase("manifest")]
    public async Task ItsAttempt_IsTakenOver_AtTheFirstLook(string which)
    {
        await using var run = await TakenAsync(which, _dead);

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(1).And.One.Match($"^{which}: job [0-9]+ {Gone}; job [0-9]+ takes over$"));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task ALivingProcess_IsLeftAlone([Values("plan", "chunk 1", "manifest")] string which)
    {
        await using var run = await TakenAsync(which, _me);

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Is.Empty);
    }

    [TestCase(true, TestName = "AnAttemptOfAnotherMachine_IsTakenOver_AfterTheSilence")]
    [TestCase(false, TestName = "AnAttemptOfAnotherContainer_IsTakenOver_AfterTheSilence")]
    public async Task AnAttemptOfElsewhere_IsTakenOver_AfterTheSilence(bool isAnotherMachine)
    {
        await using var run = await TakenAsync("chunk 1", isAnotherMachine ? _dead with { Boot = Guid.NewGuid().ToString() } : _dead with { Namespace = "pid:[1],time:[1]" });

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Is.Empty);
        var silent = await run.Host.Get<WatchLedger>().FindTroubledAsync(run.Host.Get<KnownFeeds>().Recipes, TimeSpan.Zero, CancellationToken.None);
        Assert.That(silent.Select(job => (job.Number, job.Trouble)), Is.EqualTo(new[] { (1, JobTrouble.Silent) }));
    }

    [Test]
    public async Task AnAttemptThatAnOlderServiceTook_IsNotTakenForTheOneBefore()
    {
        // It says nothing of its process, and what stands there is of the attempt before.
        await using var run = await TakenAsync("chunk 1", _dead);
        await run.Host.State.ExecuteAsync("UPDATE feed.chunk SET writer = 2, attempt = attempt + 1, heartbeat_at = now() WHERE number = 1");

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Is.Empty);
    }

    [Test]
    public async Task ACertainDeath_DoesNotWait_WhereTheDatabaseWasAway()
    {
        await using var run = await TakenAsync("chunk 1", _dead);
        await run.Host.State.ExecuteAsync("ALTER TABLE hangfire.jobqueue RENAME TO away");
        await run.TickAsync();
        await run.Host.State.ExecuteAsync("ALTER TABLE hangfire.away RENAME TO jobqueue");

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.One.Contains(Gone));
    }

    [TestCase("plan")]
    [TestCase("chunk 1")]
    [TestCase("manifest")]
    public async Task AJobThatItFetchedAndDidNotBegin_IsTakenOver_AtTheFirstLook(string which)
    {
        await using var run = await StartAsync(which);
        await run.BegunAsync(await JobAsync(run, which), ServerOf(_dead));

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Has.Count.EqualTo(1).And.One.Match($"^{which}: job [0-9]+ {Gone}; job [0-9]+ takes over$"));
        await run.AssertPublishesAsync();
    }

    [Test]
    public async Task AJobThatWentBackToItsQueue_AndWasFetchedAgain_IsLeftAlone()
    {
        // Until it begins, it still stands as the server left it that gave it back.
        await using var run = await StartAsync("chunk 1");
        var job = await JobAsync(run, "chunk 1");
        await run.BegunAsync(job, ServerOf(_dead));
        await run.Host.State.ExecuteAsync($"UPDATE hangfire.jobqueue SET fetchedat = now() WHERE jobid = {job}");

        await run.TickAsync();

        Assert.That(await run.RepairsAsync(), Is.Empty);
    }

    [Test]
    public async Task ItsServers_AreNotCountedOn()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        foreach (var (process, queue) in new[] { (_dead, "of the dead"), (_me, "of the living"), (_dead with { Boot = "elsewhere" }, "of another machine") })
        {
            await host.State.ExecuteAsync($$"""INSERT INTO hangfire.server (id, data, lastheartbeat) VALUES ('{{ServerOf(process)}}{{queue}}', '{"Queues":["{{queue}}"],"WorkerCount":1,"StartedAt":"2026-01-01T00:00:00Z"}', now())""");
        }

        Assert.That(host.Get<LivingServers>().Queues(), Is.EquivalentTo(new[] { "of the living", "of another machine" }));
    }

    [Test]
    public async Task AServersName_SaysOfWhichProcessItIs()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        host.StartWorkers();

        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.server") > 0, TimeSpan.FromSeconds(20), "the servers");

        var name = await host.State.ScalarAsync<string>("SELECT min(id) FROM hangfire.server");
        Assert.That((name[..name.LastIndexOf(':')], JobServerName.IsOfTheDead(name)), Is.EqualTo((ServerOf(_me)[..^2].Replace("feed-facility", name.Split(':', '/')[1], StringComparison.Ordinal), false)));
        Assert.That(JobServerName.IsOfTheDead(name.Replace($"-{_me.StartTicks}:", $"-{_me.StartTicks - 1}:", StringComparison.Ordinal)), Is.True);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("machine:feed-facility:4711:0b3c")]
    [TestCase("machine:feed-facility/x:4711:0b3c")]
    [TestCase("machine:feed-facility/0123456789abcdef-1:4711:0b3c")]
    public void OfWhatNoServerHereIsCalled_NothingIsKnown(string? name) => Assert.That(JobServerName.IsOfTheDead(name), Is.False);

    /// <summary>A run whose job is at work, with an attempt of that process.</summary>
    private static async Task<WatchedRun> TakenAsync(string which, ProcessIdentity process)
    {
        var run = await StartAsync(which);
        var job = await JobAsync(run, which);
        var taken = which switch
        {
            "plan" => (object?)await run.Host.Runs.TryTakePlanAsync(run.Id, job),
            "manifest" => await run.Host.Get<PublishingLedger>().TryTakeAsync(run.Id, job),
            _ => await run.Host.Chunks.TryTakeAsync(run.Id, 1, job),
        };
        Assert.That(taken, Is.Not.Null);
        await run.FetchedAsync(job, "Processing");
        var table = which == "chunk 1" ? "feed.chunk" : "feed.run";
        Assert.That(await run.Host.State.ScalarAsync<string>($"SELECT process FROM {table} WHERE process IS NOT NULL ORDER BY id LIMIT 1"), Does.Match($"^[0-9]+:1 {Regex.Escape(_me.ToString())}$"));
        await run.Host.State.ExecuteAsync($"UPDATE {table} SET writer = 2, process = replace(process, '{_me}', '{process}')");
        return run;
    }

    private static Task<WatchedRun> StartAsync(string which) => which switch
    {
        "plan" => WatchedRun.TriggeredAsync(watch: WatchTimes.Shipped),
        "manifest" => WatchedRun.ExportedAsync(WatchTimes.Shipped),
        _ => WatchedRun.PlannedAsync(watch: WatchTimes.Shipped),
    };

    private static async Task<string> JobAsync(WatchedRun run, string which) =>
        which == "chunk 1" ? (await run.ChunkAsync(1)).JobId : (await run.FindAsync()) is var found && which == "plan" ? found.PlanJobId! : found.ManifestJobId!;

    /// <summary>As Hangfire completes it.</summary>
    private static string ServerOf(ProcessIdentity process)
    {
        var name = JobServerName.Of("feed-facility").ToLowerInvariant().Replace($"-{_me.StartTicks}", $"-{process.StartTicks}", StringComparison.Ordinal);
        return $"{(process.Boot == _me.Boot ? name : name.Replace("/", "/f", StringComparison.Ordinal))}:{process.Pid}:7";
    }
}
