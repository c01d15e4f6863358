using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Ledger;

public sealed class RejectLedgerTests
{
    private static readonly Defect _noCountry = new(FacilityField.Country, Flaw.Missing);
    private static readonly Defect _noCode = new(FacilityField.PostalCode, Flaw.Missing);
    private static readonly Defect _badPhone = new(FacilityField.Telephone, Flaw.Unusable);

    private TestHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await TestHost.CreateAsync(Facilities.EmptyTable);

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [SetUp]
    public async Task EmptyAsync() => await _host.State.ExecuteAsync("TRUNCATE feed.run CASCADE; TRUNCATE hangfire.job CASCADE; TRUNCATE hangfire.jobqueue");

    [Test]
    public async Task FinishChunk_KeepsCountsAndRecords_ByReason()
    {
        var claims = await ClaimAsync(chunks: 2);
        await FinishAsync(claims[0], rejects: [(1, _noCountry, ""), (2, _noCode, "")], warnings: [(3, _badPhone, "12")]);
        await FinishAsync(claims[1], rejects: [(4, _noCode, "")]);

        var run = await RunSteps.FindAsync(_host, claims[0].RunId);
        Assert.That((run.RowsRead, run.Records, run.Rejected, run.Warned), Is.EqualTo((103L, 100L, 3L, 1L)));
        Assert.That(await Rejects.CountAsync(run.Id, CancellationToken.None), Is.EqualTo(new[]
        {
            new ReasonCount(true, "postal_code", "postal_code_missing", 2), new ReasonCount(true, "country", "country_missing", 1), new ReasonCount(false, "telephone", "telephone_unusable", 1),
        }));
        Assert.That((await Rejects.ListAsync(run.Id, isRejected: true, CancellationToken.None)).Select(kept => (kept.Chunk, kept.Id, kept.Reason)),
            Is.EqualTo(new[] { (1, 1L, "country_missing"), (1, 2L, "postal_code_missing"), (2, 4L, "postal_code_missing") }));
        Assert.That((await Rejects.ListAsync(run.Id, isRejected: false, CancellationToken.None)).Select(kept => (kept.Id, kept.Field, kept.Value)), Is.EqualTo(new[] { (3L, "telephone", "12") }));
    }

    [Test]
    public async Task ARun_KeepsTenThousandRejectedRecords_AndCountsAll()
    {
        const int Each = 6000;
        var claims = await ClaimAsync(chunks: 2);
        await Task.WhenAll(claims.Select(claim => FinishAsync(claim, rejects: [.. Enumerable.Range(1, Each).Select(id => ((long)id, _noCountry, "Nowhere"))])));

        var run = await RunSteps.FindAsync(_host, claims[0].RunId);
        Assert.That(run.Rejected, Is.EqualTo(2 * Each));
        Assert.That(await Rejects.ListAsync(run.Id, isRejected: true, CancellationToken.None), Has.Count.EqualTo(10_000));
        Assert.That((await Rejects.CountAsync(run.Id, CancellationToken.None)).Single().Count, Is.EqualTo(2 * Each));
    }

    [TestCase(1, 150, 1, Description = "one chunk alone fills the run's sample")]
    [TestCase(7, 20, 7)]
    [TestCase(3, 34, 3, Description = "the last chunk fills what is left")]
    [TestCase(2, 100, 2)]
    public async Task ARun_KeepsAHundredWarnedRecordsOfEachReason(int chunks, int each, int others)
    {
        var claims = await ClaimAsync(chunks);
        foreach (var claim in claims)
        {
            await FinishAsync(claim, warnings: [.. Enumerable.Range(1, each).Select(id => ((long)id, _badPhone, "1")), (999, new Defect(FacilityField.Url, Flaw.Unusable), "x")]);
        }

        var kept = await Rejects.ListAsync(claims[0].RunId, isRejected: false, CancellationToken.None);
        Assert.That(kept.GroupBy(record => record.Reason).Select(reason => (reason.Key, reason.Count())), Is.EquivalentTo(new[] { ("telephone_unusable", 100), ("url_unusable", others) }));
        Assert.That(kept.Where(record => record.Reason == "telephone_unusable" && record.Chunk == 1).Select(record => record.Id), Is.EqualTo(Enumerable.Range(1, Math.Min(each, 100))), "the first by key");
        Assert.That((await RunSteps.FindAsync(_host, claims[0].RunId)).Warned, Is.EqualTo((long)chunks * (each + 1)), "all are counted");
    }

    [TestCase(99)]
    [TestCase(100)]
    public async Task ARun_KeepsAllWarnedRecords_UpToAHundred(int warned)
    {
        var claim = (await ClaimAsync(chunks: 1)).Single();
        await FinishAsync(claim, warnings: [.. Enumerable.Range(1, warned).Select(id => ((long)id, _badPhone, "1"))]);

        Assert.That(await Rejects.ListAsync(claim.RunId, isRejected: false, CancellationToken.None), Has.Count.EqualTo(warned));
    }

    [Test]
    public async Task AChunkMadeAgain_ReplacesWhatItKept()
    {
        var claim = (await ClaimAsync(chunks: 1)).Single();
        await FinishAsync(claim, rejects: [(1, _noCountry, ""), (2, _noCountry, "")], warnings: [(3, _badPhone, "1")]);
        var manifest = (await _host.Get<PublishingLedger>().TryTakeAsync(claim.RunId, (await RunSteps.FindAsync(_host, claim.RunId)).ManifestJobId!))!;
        await _host.Chunks.ReopenAsync(manifest, [1], ["77"]);
        var again = (await _host.Chunks.TryTakeAsync(claim.RunId, 1, "77"))!;

        await FinishAsync(again, rejects: []);

        var run = await RunSteps.FindAsync(_host, claim.RunId);
        Assert.That((run.Rejected, run.Warned), Is.EqualTo((0L, 0L)));
        Assert.That(await Rejects.CountAsync(run.Id, CancellationToken.None), Is.Empty);
        Assert.That(await Rejects.ListAsync(run.Id, isRejected: true, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task AnOvertakenAttempt_KeepsNothing()
    {
        var claim = (await ClaimAsync(chunks: 1)).Single();
        var chunk = await RunSteps.ChunkAsync(_host, claim.RunId, 1);
        await _host.Chunks.TryTakeAsync(claim.RunId, 1, chunk.JobId);

        Assert.That(await FinishAsync(claim, rejects: [(1, _noCountry, "")]), Is.False);
        Assert.That(await _host.State.ScalarAsync<long>("SELECT (SELECT count(*) FROM feed.chunk_reason) + (SELECT count(*) FROM feed.noted_record)"), Is.Zero);
    }

    [Test]
    public async Task AChunkThatDoesNotAddUp_IsRefusedByTheLedgerItself()
    {
        var claim = (await ClaimAsync(chunks: 1)).Single();

        Assert.That(() => _host.Get<FanIn>().FinishChunkAsync(claim, new ChunkOutcome(10, 8, 100, new ShapingTally(), null), storeRetries: 0),
            Throws.InstanceOf<PostgresException>().With.Message.Contains("chunk_adds_up"));
    }

    private RejectLedger Rejects => _host.Get<RejectLedger>();

    private async Task<IReadOnlyList<ChunkClaim>> ClaimAsync(int chunks)
    {
        var planning = await RunSteps.TakePlanAsync(_host);
        await RunSteps.FanOutAsync(_host, planning, new ChunkPlan(50, [.. Enumerable.Range(1, chunks).Select(number => new ChunkRange(number, number, number, 50))]));
        var claims = new List<ChunkClaim>();
        foreach (var chunk in await _host.Chunks.ListAsync(planning.RunId, CancellationToken.None))
        {
            claims.Add((await _host.Chunks.TryTakeAsync(planning.RunId, chunk.Number, chunk.JobId))!);
        }

        return claims;
    }

    private Task<bool> FinishAsync(ChunkClaim claim, IReadOnlyList<(long Id, Defect Defect, string Value)>? rejects = null, IReadOnlyList<(long Id, Defect Defect, string Value)>? warnings = null)
    {
        const int Written = 50;
        var tally = new ShapingTally();
        foreach (var (id, defect, value) in rejects ?? [])
        {
            tally.Reject(id, defect, System.Text.Encoding.UTF8.GetBytes(value));
        }

        foreach (var (id, defect, value) in warnings ?? [])
        {
            tally.Warn(id, defect, System.Text.Encoding.UTF8.GetBytes(value));
        }

        return _host.Get<FanIn>().FinishChunkAsync(claim, new ChunkOutcome(Written + tally.Rejected, Written, 1000, tally, new StoredObject($"shard-{claim.Number}-{claim.Attempt}", 10, "hash")), storeRetries: 0);
    }
}
