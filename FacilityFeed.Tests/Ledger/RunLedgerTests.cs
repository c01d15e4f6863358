using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Ledger;

public sealed class RunLedgerTests
{
    private TestHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await TestHost.CreateAsync(Facilities.EmptyTable);

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [SetUp]
    public async Task EmptyAsync() => await _host.State.ExecuteAsync("TRUNCATE feed.run CASCADE");

    [Test]
    public async Task TryEnd_MovesExactlyWhereATransitionIsAllowed([Values] RunState from, [Values(RunState.Held, RunState.Failed, RunState.Cancelled, RunState.Superseded, RunState.Discarded)] RunState to)
    {
        var runId = await AddAsync(from);

        var moved = await _host.Runs.TryEndAsync(runId, to, "test");

        var run = await _host.Runs.FindAsync(runId, CancellationToken.None);
        Assert.That(moved, Is.EqualTo(RunTransitions.IsAllowed(from, to)));
        Assert.That(run!.State, Is.EqualTo(moved ? to : from));
    }

    [Test]
    public async Task TryEnter_MovesExactlyFromRunningAndHeld([Values] RunState from)
    {
        var runId = await AddAsync(from);

        var entered = await _host.Get<PublishingLedger>().TryEnterAsync(Claim(runId, generation: 5));

        // Publishing itself answers true again: the same step, repeated.
        Assert.That(entered, Is.EqualTo(from is RunState.Running or RunState.Held or RunState.Publishing));
    }

    [Test]
    public async Task TryEnter_KeepsWhenItWasFirst()
    {
        var runId = await AddAsync(RunState.Running);

        await _host.Get<PublishingLedger>().TryEnterAsync(Claim(runId, generation: 5));
        var first = (await RunSteps.FindAsync(_host, runId)).EnteredAt;
        await _host.Get<PublishingLedger>().TryEnterAsync(Claim(runId, generation: 5));

        Assert.That(first, Is.Not.Null);
        Assert.That((await RunSteps.FindAsync(_host, runId)).EnteredAt, Is.EqualTo(first));
    }

    [Test]
    public async Task TryEnd_NeverWithdrawsARun_ThatHadEnteredPublishing([Values] RunState from, [Values(RunState.Held, RunState.Failed, RunState.Cancelled, RunState.Superseded, RunState.Discarded)] RunState to)
    {
        var runId = await AddAsync(from);
        await _host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, entered_at = now() WHERE id = {runId}");

        var moved = await _host.Runs.TryEndAsync(runId, to, "test");

        Assert.That(moved, Is.EqualTo(RunTransitions.IsAllowed(from, to) && to is not (RunState.Cancelled or RunState.Discarded)));
    }

    [Test]
    public async Task TryEnter_IsRefused_WhenALaterRunIsPublished()
    {
        var runId = await AddAsync(RunState.Running, generation: 5);
        await AddAsync(RunState.Published, generation: 6);

        Assert.That(await _host.Get<PublishingLedger>().TryEnterAsync(Claim(runId, generation: 5)), Is.False);
    }

    [Test]
    public async Task TryComplete_MovesExactlyFromPublishing([Values] RunState from)
    {
        var runId = await AddAsync(from);

        var completed = await _host.Get<PublishingLedger>().TryCompleteAsync(Claim(runId, generation: 5), new("m", 1, "hash"));

        Assert.That(completed, Is.EqualTo(from == RunState.Publishing));
    }

    [Test]
    public async Task TryComplete_SupersedesEarlierHeldAndFailedRuns_AndNoOthers()
    {
        var held = await AddAsync(RunState.Held);
        var failed = await AddAsync(RunState.Failed);
        var cancelled = await AddAsync(RunState.Cancelled);
        var runId = await AddAsync(RunState.Publishing);
        var laterHeld = await AddAsync(RunState.Held);

        await _host.Get<PublishingLedger>().TryCompleteAsync(Claim(runId, generation: 5), new("m", 1, "hash"));

        Assert.That(await StatesAsync(held, failed, cancelled, laterHeld), Is.EqualTo(new[] { RunState.Superseded, RunState.Superseded, RunState.Cancelled, RunState.Held }));
    }

    [Test]
    public async Task TryComplete_ChangesNothing_WhenTheAttemptWasOvertaken()
    {
        var runId = await AddAsync(RunState.Publishing);
        await _host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, manifest_attempt = 2 WHERE id = {runId}");

        Assert.That(await _host.Get<PublishingLedger>().TryCompleteAsync(Claim(runId, generation: 5), new("m", 1, "hash")), Is.False);
        Assert.That(await _host.Get<PublishingLedger>().IsCurrentAsync(Claim(runId, generation: 5)), Is.False);
    }

    [Test]
    public async Task EveryChangeOfState_IsInTheAuditTrail()
    {
        var runId = (await _host.Runs.TryBeginAsync(_host.Feed, "recipe", "key", "test"))!.Value;

        await _host.Runs.TryEndAsync(runId, RunState.Failed, "no luck");

        var trail = await _host.Runs.EventsAsync(runId, CancellationToken.None);
        Assert.That(trail.Select(line => (line.Event, line.Detail)), Is.EqualTo(new (string, string?)[] { ("planning", null), ("failed", "no luck") }));
    }

    [Test]
    public async Task OnlyOneRunOfAFeed_IsActive([Values(RunState.Planning, RunState.Running, RunState.Publishing)] RunState active)
    {
        await AddAsync(active);

        Assert.That(await _host.Runs.TryBeginAsync(_host.Feed, "recipe", "another", "test"), Is.Null);
    }

    private static ManifestClaim Claim(long runId, long generation) =>
        new() { RunId = runId, Attempt = 1, Feed = "facility", Name = "reservewithgoogle.entity", GenerationTimestamp = generation };

    private Task<long> AddAsync(RunState state, long? generation = null) => _host.State.ScalarAsync<long>($"""
        INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, writer, generation_timestamp, manifest_attempt, remaining)
        VALUES ('facility', 'reservewithgoogle.entity', 'recipe', gen_random_uuid()::text, 'test', '{StateName.Of(state)}', {Protocol.Number}, {(generation is null ? "NULL" : generation)}, 1, 0) RETURNING id
        """);

    private async Task<List<RunState>> StatesAsync(params long[] runIds)
    {
        var states = new List<RunState>();
        foreach (var runId in runIds)
        {
            states.Add((await _host.Runs.FindAsync(runId, CancellationToken.None))!.State);
        }

        return states;
    }
}
