using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FacilityFeed.Tests.Publishing;

/// <summary>A run that the guard holds, and what a person may do with it.</summary>
public sealed class HeldRunTests
{
    private TestHost _host = null!;

    [SetUp]
    public async Task PublishAsync()
    {
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 100), chunkSize: 40);
        Assert.That((await _host.PublishAsync()).State, Is.EqualTo(RunState.Published));
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task AShrunkenRun_IsHeld_AndLeavesTheLastFeed()
    {
        var before = await AliasAsync();

        var run = await ShrinkAsync(79);

        Assert.That(run.State, Is.EqualTo(RunState.Held));
        Assert.That(run.Reason, Is.EqualTo("79 records, 100 before, -21.0 %, limit 20 %. Nothing was published; the last feed stays"));
        Assert.That(await AliasAsync(), Is.EqualTo(before));
        Assert.That((run.Manifest, run.Shards), Is.EqualTo(((string?)null, 2L)), "its shards stay");
        Assert.That(Directory.GetFiles(_host.StorePath, "*.filesetdesc.json"), Has.Length.EqualTo(1));
        Assert.That(await ActiveAsync(), Is.Null, "it holds nothing up");
    }

    [Test]
    public async Task ARunAtTheLimit_IsPublished() => Assert.That((await ShrinkAsync(80)).State, Is.EqualTo(RunState.Published));

    [Test]
    public async Task PublishAnyway_PublishesExactlyThatRun_WritesItDown_AndChangesNoLimit()
    {
        var held = await ShrinkAsync(50);

        var answer = await Control.PublishAnywayAsync(held.Id, "half of the shops were sold", "maria");
        var published = await _host.EndOfAsync(held.Id);

        Assert.That(answer.IsDone, answer.Message);
        Assert.That(answer.Message, Does.Match($"^run {held.Id} is published as it is, [0-9]+ (s|min) after its request$"));
        Assert.That((published.State, published.Records, published.Reason), Is.EqualTo((RunState.Published, 50L, (string?)null)));
        Assert.That(Manifest.Parse(await AliasAsync()).GenerationTimestamp, Is.EqualTo(held.GenerationTimestamp));
        Assert.That(PublishTests.ReadIds(_host.StorePath, published.Manifest!), Has.Exactly(50).Items);
        Assert.That(await RunSteps.EventsAsync(_host, held.Id), Has.One.Match("^published anyway: by maria, [0-9]+ (s|min) after its request: half of the shops were sold. It was held: 50 records"));

        Assert.That((await _host.PublishAsync()).State, Is.EqualTo(RunState.Published), "it is what the next one is compared with");
        Assert.That((await ShrinkAsync(20)).Reason, Does.StartWith("20 records, 50 before, -60.0 %, limit 20 %"));
    }

    [Test]
    public async Task PublishAnyway_IsRefused_ForAnOlderRunThanThePublishedOne()
    {
        var held = await ShrinkAsync(50);
        await _host.Source.ExecuteAsync("INSERT INTO facility SELECT id + 1000, name, phone, url, latitude, longitude, country, locality, region, postal_code, street_address FROM facility");
        var later = await _host.PublishAsync();

        var answer = await Control.PublishAnywayAsync(held.Id, "why not", "test");

        Assert.That(later.State, Is.EqualTo(RunState.Published), later.Reason);
        Assert.That(answer, Is.EqualTo(ControlResult.Refused($"run {held.Id} is superseded: only a held run can be published anyway")));
        Assert.That(Manifest.Parse(await AliasAsync()).GenerationTimestamp, Is.EqualTo(later.GenerationTimestamp));
    }

    [Test]
    public async Task PublishAnyway_OfTheOlderOfTwoHeldRuns_SupersedesNothing_AndTheNewerCanStillFollow()
    {
        var older = await ShrinkAsync(50);
        var newer = await ShrinkAsync(40);

        Assert.That((await Control.PublishAnywayAsync(older.Id, "checked", "test")).IsDone);
        Assert.That((await _host.EndOfAsync(older.Id)).State, Is.EqualTo(RunState.Published));

        Assert.That((await RunSteps.FindAsync(_host, newer.Id)).State, Is.EqualTo(RunState.Held));
        Assert.That((await Control.PublishAnywayAsync(newer.Id, "checked", "test")).IsDone);
        Assert.That((await _host.EndOfAsync(newer.Id)).State, Is.EqualTo(RunState.Published));
        Assert.That(Manifest.Parse(await AliasAsync()).GenerationTimestamp, Is.EqualTo(newer.GenerationTimestamp));
    }

    [Test]
    public async Task PublishAnyway_OfTheNewerOfTwoHeldRuns_SupersedesTheOlder()
    {
        var older = await ShrinkAsync(50);
        var newer = await ShrinkAsync(40);

        Assert.That((await Control.PublishAnywayAsync(newer.Id, "checked", "test")).IsDone);
        Assert.That((await _host.EndOfAsync(newer.Id)).State, Is.EqualTo(RunState.Published));

        Assert.That((await RunSteps.FindAsync(_host, older.Id)).State, Is.EqualTo(RunState.Superseded));
        Assert.That((await Control.PublishAnywayAsync(older.Id, "checked", "test")).IsDone, Is.False);
    }

    [Test]
    public async Task PublishAnyway_IsRefused_WhenALaterRunIsPublished_ThoughThisOneWasHeldAfterIt()
    {
        var held = await ShrinkAsync(50);
        await Control.PublishAnywayAsync((await ShrinkAsync(40)).Id, "checked", "test");
        await _host.EndOfAsync(held.Id + 1);
        await _host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'held' WHERE id = {held.Id}");

        Assert.That(await Control.PublishAnywayAsync(held.Id, "why not", "test"), Is.EqualTo(ControlResult.Refused($"run {held.Id} cannot be published anyway: run {held.Id + 1} of the feed was published after it")));
    }

    [Test]
    public async Task PublishAnyway_HappensOnce_WhenAskedByManyTogether_BesideADiscardAndATrigger()
    {
        var held = await ShrinkAsync(50);
        await _host.Get<Scheduler.Hosting.JobServers>().DisposeAsync();

        var discarding = Task.Run(() => Control.DiscardAsync(held.Id, null, "test"));
        var triggering = Task.Run(() => _host.TriggerAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Control.PublishAnywayAsync(held.Id, "checked", "test"))));
        var (discarded, triggered) = (await discarding, await triggering);

        var published = answers.Count(answer => answer.IsDone);
        var run = await RunSteps.FindAsync(_host, held.Id);
        Assert.That(published + (discarded.IsDone ? 1 : 0), Is.LessThanOrEqualTo(1), "one decision");
        Assert.That(run.State, Is.EqualTo(published == 1 ? RunState.Publishing : discarded.IsDone ? RunState.Discarded : RunState.Held));
        Assert.That((await RunSteps.FindAsync(_host, triggered)).State, Is.EqualTo(published == 1 ? RunState.Skipped : RunState.Planning), "one active run");
        Assert.That(await _host.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.job WHERE invocationdata::text LIKE '%ManifestJob%'"), Is.EqualTo(2 + published), "of the first two runs, and of the decision");
    }

    [Test]
    public async Task PublishAnyway_IsRefused_WhereSourceOrPlaceIsAnother()
    {
        var held = await ShrinkAsync(50);
        await using var stranger = await _host.AnotherAsync(("Feeds:facility:Prefix", "elsewhere"));

        var answer = await stranger.Services.GetRequiredService<RunControl>().PublishAnywayAsync(held.Id, "checked", "test");

        Assert.That(answer.IsDone, Is.False);
        Assert.That(answer.Message, Does.Contain("was triggered for"));
        Assert.That((await RunSteps.FindAsync(_host, held.Id)).State, Is.EqualTo(RunState.Held));
    }

    [Test]
    public async Task AnAttemptThatWasOvertaken_NeitherHoldsNorPublishesARun_ThatAPersonLetPass()
    {
        var runId = await RunSteps.FailAsync(await IdleAsync());
        var ledger = _host.Get<Infrastructure.Ledger.PublishingLedger>();
        var job = (await RunSteps.FindAsync(_host, runId)).ManifestJobId!;
        var zombie = (await ledger.TryTakeAsync(runId, job))!;
        var holding = (await ledger.TryTakeAsync(runId, job))!;
        Assert.That(await ledger.TryEndAsync(zombie, RunState.Held, "too early"), Is.False);
        Assert.That(await ledger.TryEndAsync(holding, RunState.Held, "as if the guard had said so"), Is.True);

        Assert.That(await ledger.TryEnterAsync(zombie), Is.False, "while it is held");
        await Control.PublishAnywayAsync(runId, "checked", "test");

        Assert.That(await ledger.TryEndAsync(zombie, RunState.Held, "too late"), Is.False);
        Assert.That(await ledger.TryEnterAsync(zombie), Is.False);
        Assert.That(await ledger.TryEnterAsync(holding), Is.False, "the one that held it has had its say");
        Assert.That(await ledger.TryTakeAsync(runId, job), Is.Null, "the job of before, requeued");
    }

    [Test]
    public async Task PublishAnyway_IsRefused_WhileAnotherRunIsActive()
    {
        var held = await ShrinkAsync(50);
        await _host.Get<Scheduler.Hosting.JobServers>().DisposeAsync();
        var active = await _host.TriggerAsync();

        Assert.That(await Control.PublishAnywayAsync(held.Id, "checked", "test"), Is.EqualTo(ControlResult.Refused($"run {held.Id} cannot be published anyway: run {active} of the feed is active")));
        Assert.That((await RunSteps.FindAsync(_host, held.Id)).State, Is.EqualTo(RunState.Held));
    }

    [TestCase("")]
    [TestCase("  ")]
    public async Task PublishAnyway_WantsAReason(string reason)
    {
        var held = await ShrinkAsync(50);

        Assert.That((await Control.PublishAnywayAsync(held.Id, reason, "test")).IsDone, Is.False);
        Assert.That((await RunSteps.FindAsync(_host, held.Id)).State, Is.EqualTo(RunState.Held));
    }

    [Test]
    public async Task PublishAnyway_IsRefused_ForWhatIsNotHeld_AndForARunWithoutShards()
    {
        Assert.That((await Control.PublishAnywayAsync(1, "checked", "test")).Message, Is.EqualTo("run 1 is published: only a held run can be published anyway"));
        Assert.That((await Control.PublishAnywayAsync(99, "checked", "test")).Message, Does.StartWith("there is no run 99"));
        await _host.Source.ExecuteAsync("TRUNCATE facility");
        var empty = await _host.PublishAsync();

        Assert.That(empty.State, Is.EqualTo(RunState.Held));
        Assert.That((await Control.PublishAnywayAsync(empty.Id, "checked", "test")).Message, Is.EqualTo($"run {empty.Id} has no shards: there is nothing to publish"));
    }

    [Test]
    public async Task PublishAnyway_Fails_WhenAShardIsGoneMeanwhile()
    {
        var before = await AliasAsync();
        var held = await ShrinkAsync(50);
        File.Delete(Path.Combine(_host.StorePath, (await RunSteps.ChunkAsync(_host, held.Id, 1)).ObjectName!));

        await Control.PublishAnywayAsync(held.Id, "checked", "test");
        var run = await _host.EndOfAsync(held.Id);

        Assert.That(run.State, Is.EqualTo(RunState.Failed));
        Assert.That(run.Reason, Does.Contain("chunk 1").And.Contains("missing or damaged").And.Contains("publish again"));
        Assert.That(await AliasAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Discard_EndsAHeldRun_ForGood()
    {
        var held = await ShrinkAsync(50);

        Assert.That(await Control.DiscardAsync(held.Id, "a bad import", "test"), Is.EqualTo(ControlResult.Done($"run {held.Id} is discarded; nothing of it was published")));

        var run = await RunSteps.FindAsync(_host, held.Id);
        Assert.That((run.State, run.Reason), Is.EqualTo((RunState.Discarded, "discarded by test: a bad import")));
        Assert.That((await Control.PublishAnywayAsync(held.Id, "after all", "test")).Message, Is.EqualTo($"run {held.Id} is discarded: only a held run can be published anyway"));
        Assert.That((await Control.DiscardAsync(1, null, "test")).Message, Is.EqualTo("run 1 is published: only a held run can be discarded"));
    }

    [Test]
    public async Task AnOverridesRun_CanNeitherBeDiscardedNorCancelled()
    {
        var held = await ShrinkAsync(50);
        await _host.Get<Scheduler.Hosting.JobServers>().DisposeAsync();

        await Control.PublishAnywayAsync(held.Id, "checked", "test");

        Assert.That((await Control.DiscardAsync(held.Id, null, "test")).Message, Is.EqualTo($"run {held.Id} is publishing: only a held run can be discarded"));
        Assert.That((await Control.CancelAsync(held.Id, "test")).IsDone, Is.False);
        var manifestJob = (await RunSteps.FindAsync(_host, held.Id)).ManifestJobId!;
        await _host.Get<ManifestPublisher>().PublishAsync(held.Id, manifestJob, CancellationToken.None);
        Assert.That((await RunSteps.FindAsync(_host, held.Id)).State, Is.EqualTo(RunState.Published));
    }

    /// <summary>The host without workers.</summary>
    private async Task<TestHost> IdleAsync()
    {
        await _host.Get<Scheduler.Hosting.JobServers>().DisposeAsync();
        return _host;
    }

    private RunControl Control => _host.Get<RunControl>();

    /// <summary>Makes the feed again from fewer rows.</summary>
    private async Task<Infrastructure.Ledger.RunView> ShrinkAsync(int rows)
    {
        await _host.Source.ExecuteAsync($"DELETE FROM facility WHERE id > {rows}");
        return await _host.PublishAsync();
    }

    private Task<byte[]> AliasAsync() => File.ReadAllBytesAsync(Path.Combine(_host.StorePath, "metadata.json"));

    private Task<long?> ActiveAsync() => _host.Runs.FindActiveAsync("facility");
}
