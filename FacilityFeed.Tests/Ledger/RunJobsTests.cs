using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Ledger;

/// <summary>Which job says how a run stands.</summary>
public sealed class RunJobsTests
{
    // State; which jobs there are, of p(lan), m(anifest), f(ailed chunk), o(pen chunk); which of them decides.
    [TestCase(RunState.Planning, "p", "p")]
    [TestCase(RunState.Running, "po", "o")]
    [TestCase(RunState.Running, "pfo", "o")]
    [TestCase(RunState.Running, "pm", "m", Description = "all chunks are settled, the shards are being proven")]
    [TestCase(RunState.Running, "pmo", "o")]
    [TestCase(RunState.Running, "p", "p")]
    [TestCase(RunState.Publishing, "pm", "m")]
    [TestCase(RunState.Published, "pm", "m")]
    [TestCase(RunState.Unchanged, "pm", "m")]
    [TestCase(RunState.Held, "pm", "m")]
    [TestCase(RunState.Held, "p", "p", Description = "the plan found an empty source")]
    [TestCase(RunState.Failed, "p", "p")]
    [TestCase(RunState.Failed, "pf", "f")]
    [TestCase(RunState.Failed, "pfo", "f")]
    [TestCase(RunState.Failed, "pmf", "f", Description = "it had a manifest job before a chunk was opened again")]
    [TestCase(RunState.Failed, "pm", "m")]
    [TestCase(RunState.Cancelled, "p", "p")]
    [TestCase(RunState.Cancelled, "po", "o")]
    [TestCase(RunState.Cancelled, "pfo", "o")]
    [TestCase(RunState.Cancelled, "pf", "p")]
    [TestCase(RunState.Cancelled, "pmo", "m")]
    [TestCase(RunState.Discarded, "pm", "m")]
    [TestCase(RunState.Discarded, "p", "p")]
    [TestCase(RunState.Superseded, "pm", "m")]
    [TestCase(RunState.Superseded, "pf", "f")]
    [TestCase(RunState.Superseded, "p", "p")]
    [TestCase(RunState.Skipped, "", "")]
    public void DecidingJob_IsTheOneThatTheStateAsksFor(RunState state, string jobs, string expected)
    {
        var run = new RunJobs { State = state, PlanJob = Job('p'), ManifestJob = Job('m'), FailedChunkJob = Job('f'), OpenChunkJob = Job('o') };

        Assert.That(run.DecidingJob ?? "", Is.EqualTo(expected));

        string? Job(char kind) => jobs.Contains(kind, StringComparison.Ordinal) ? $"{kind}" : null;
    }

    [Test]
    public void DecidingJob_IsKnownForEveryState([Values] RunState state) =>
        Assert.That(new RunJobs { State = state, PlanJob = "p" }.DecidingJob, state == RunState.Skipped ? Is.Null : Is.EqualTo("p"));

    [Test]
    public async Task ListNewest_PassesSkippedRunsOver_AndFindsTheFirstFailedAndOpenChunks()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 45));
        var runId = await RunSteps.PlanAsync(host);
        await host.State.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, state = 'failed' WHERE run_id = {runId} AND number IN (2, 3); UPDATE feed.chunk SET {Protocol.Writer}, state = 'done', object_name = 'x' WHERE run_id = {runId} AND number = 1");
        await host.TriggerAsync();

        var run = host.Get<RunJobsLedger>().ListNewest(["facility", "unknown"]).Single();

        var chunks = await host.Chunks.ListAsync(runId, CancellationToken.None);
        Assert.That((run.RunId, run.Feed, run.State, run.HasShards), Is.EqualTo((runId, "facility", RunState.Running, true)));
        Assert.That((run.FailedChunkJob, run.OpenChunkJob, run.ManifestJob), Is.EqualTo((chunks[1].JobId, chunks[3].JobId, (string?)null)));
        Assert.That((run.PlanJob, run.RequestedAt), Is.EqualTo(((await RunSteps.FindAsync(host, runId)).PlanJobId, (await RunSteps.FindAsync(host, runId)).RequestedAt)));
    }

    [Test]
    public async Task ListObsolete_PassesOverRows_WhoseArgumentsAreNoNumbers()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 45));
        var runId = await RunSteps.FailAsync(host, 2);
        var job = (await RunSteps.ChunkAsync(host, runId, 2)).JobId;
        async Task CopyAsync(string arguments) => await host.State.ExecuteAsync(
            $"INSERT INTO hangfire.job (statename, invocationdata, arguments, createdat) SELECT 'Failed', invocationdata, {arguments}, createdat FROM hangfire.job WHERE id = {job}");
        await CopyAsync("arguments");

        foreach (var made in new[] { """["{\"a\":1}","2"]""", """["x","2"]""", """["99999999999999999999","2"]""", """["999","x"]""", """["999","99999999999"]""", "[null]", "[]", "{}", "7" })
        {
            await CopyAsync($"'{made}'::jsonb");
            Assert.That(host.Get<RunJobsLedger>().ListObsolete(["facility"], new JobTypes("trigger", "plan", typeof(ChunkJob).FullName!, "manifest"), [], most: 10), Has.Count.EqualTo(1), made);
        }
    }
}
