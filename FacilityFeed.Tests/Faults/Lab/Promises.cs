using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>What must hold after every fault, whatever it was. Read from the ledger's and Hangfire's tables and from the objects themselves, by none of the code that wrote them.</summary>
/// <param name="state">The state database.</param>
/// <param name="store">What was stored.</param>
/// <param name="times">How soon the watcher sees what it must repair.</param>
internal sealed class Promises(NpgsqlDataSource state, StoredObjects store, WatchTimes times)
{
    // The machine is shared.
    private static readonly TimeSpan _slack = TimeSpan.FromSeconds(15);

    /// <summary>In words, for the published matrix.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        "every run is in a final state",
        "a manifest exists exactly when all its chunks are proven: each published run has one, and none names a shard that is missing or differs from the ledger",
        "each source key that lived through the run is in exactly one shard; no key is in two; none is there that never was in the source; the further run has every row that was inserted before it",
        "each listed shard has the length and the SHA-256 that the ledger recorded",
        "a run is published once, by one manifest job",
        "the alias is the newest published manifest, byte for byte; where a process that was stopped wakes up within its last step, after the watcher's next look, a minute and a quarter later",
        "no lock row is older than its lease and half of it",
        "no queue row is without its job",
    ];

    /// <param name="living">Keys that every published run must hold.</param>
    /// <param name="mayHold">Whether a key was ever in the source.</param>
    /// <param name="inNewest">Keys that the newest published run must hold beyond them.</param>
    public async Task AssertAsync(IReadOnlySet<long> living, Func<long, bool> mayHold, IReadOnlySet<long>? inNewest = null)
    {
        await AssertFinalAsync();
        var runs = await ReadPublishedAsync();
        foreach (var run in runs)
        {
            await AssertWholeAsync(run, run == runs[^1] && inNewest is not null ? living.Union(inNewest).ToHashSet() : living, mayHold);
        }

        await AssertManifestsAsync(runs);
        await AssertAliasAsync(runs);
        await AssertHangfireAsync();
    }

    private async Task AssertFinalAsync()
    {
        await using var connection = await state.OpenConnectionAsync();
        var active = await connection.QueryAsync<(long, string)>("SELECT id, state FROM feed.run WHERE state IN ('planning', 'running', 'publishing')");
        Assert.That(active, Is.Empty, "runs that are not over");
        var twice = await connection.QueryAsync<(long, long)>("SELECT r.id, count(e.id) FROM feed.run r LEFT JOIN feed.run_event e ON e.run_id = r.id AND e.event = 'published' GROUP BY r.id HAVING count(e.id) <> (r.state = 'published')::int");
        Assert.That(twice, Is.Empty, "runs that were published more or less often than once");
        var jobs = await connection.QueryAsync<(string, long)>("""
            SELECT j.arguments ->> 0, count(*) FROM hangfire.job j JOIN hangfire.state s ON s.id = j.stateid
            WHERE s.name = 'Succeeded' AND s.data ->> 'Result' LIKE '"published %' GROUP BY 1 HAVING count(*) > 1
            """);
        Assert.That(jobs, Is.Empty, "runs that two manifest jobs published");
    }

    private async Task<IReadOnlyList<Published>> ReadPublishedAsync()
    {
        await using var connection = await state.OpenConnectionAsync();
        return [.. await connection.QueryAsync<Published>("SELECT id, manifest, manifest_sha256 AS sha256, generation_timestamp AS generation FROM feed.run WHERE state = 'published' ORDER BY generation_timestamp")];
    }

    private async Task AssertWholeAsync(Published run, IReadOnlySet<long> living, Func<long, bool> mayHold)
    {
        var manifest = await store.ReadAsync(run.Manifest);
        Assert.That(manifest, Is.Not.Null, $"run {run.Id} is published, and {run.Manifest} is not there");
        Assert.That(Sha256(manifest!), Is.EqualTo(run.Sha256), run.Manifest);
        var keys = new List<long>();
        foreach (var shard in await AssertShardsAsync(run.Id, manifest!))
        {
            keys.AddRange(KeysIn(shard));
        }

        Assert.That(keys, Is.Unique, $"keys of run {run.Id} in two shards");
        Assert.That(living.Except(keys), Is.Empty, $"keys that lived through run {run.Id} and are in no shard");
        Assert.That(keys.Where(key => !mayHold(key)), Is.Empty, $"keys of run {run.Id} that never were in the source");
    }

    /// <returns>The shards' bytes.</returns>
    private async Task<IReadOnlyList<byte[]>> AssertShardsAsync(long runId, byte[] manifest)
    {
        await using var connection = await state.OpenConnectionAsync();
        var recorded = (await connection.QueryAsync<(string Name, long Bytes, string Sha256)>("SELECT object_name, bytes, sha256 FROM feed.chunk WHERE run_id = @runId AND state = 'done' AND object_name IS NOT NULL ORDER BY number", new { runId })).ToList();
        var open = await connection.QuerySingleAsync<long>("SELECT count(*) FROM feed.chunk WHERE run_id = @runId AND state <> 'done'", new { runId });
        Assert.That(open, Is.Zero, $"chunks of run {runId} that are not done, beneath its manifest");
        using var json = JsonDocument.Parse(manifest);
        var named = json.RootElement.GetProperty("data_file").EnumerateArray().Select(name => name.GetString()!).ToList();
        Assert.That(named, Is.EqualTo(recorded.Select(shard => shard.Name)), $"the shards that the manifest of run {runId} names");
        var shards = new List<byte[]>();
        foreach (var (name, bytes, sha256) in recorded)
        {
            var shard = await store.ReadAsync(name);
            Assert.That((shard?.LongLength, shard is null ? null : Sha256(shard)), Is.EqualTo(((long?)bytes, sha256)), $"{name} of run {runId}");
            shards.Add(shard!);
        }

        return shards;
    }

    /// <summary>A manifest of a run that is not published may be there only when all it names is.</summary>
    private async Task AssertManifestsAsync(IReadOnlyList<Published> published)
    {
        foreach (var name in (await store.ListAsync()).Where(name => name.EndsWith(".filesetdesc.json", StringComparison.Ordinal) && published.All(run => run.Manifest != name)))
        {
            var bytes = await store.ReadAsync(name);
            using var json = JsonDocument.Parse(bytes!);
            await using var connection = await state.OpenConnectionAsync();
            var run = await connection.QuerySingleOrDefaultAsync<long?>("SELECT id FROM feed.run WHERE generation_timestamp = @generation AND remaining = 0", new { generation = json.RootElement.GetProperty("generation_timestamp").GetInt64() });
            Assert.That(run, Is.Not.Null, $"{name} is no manifest of a run whose chunks are all done");
            await AssertShardsAsync(run!.Value, bytes!);
        }
    }

    /// <summary>Waited for: a process that wakes up in the middle of its last step may bring an old one back, until the watcher has seen it.</summary>
    private Task AssertAliasAsync(IReadOnlyList<Published> published) => Until.TrueAsync(
        async () => (await store.ReadAsync("metadata.json") is { } alias ? Sha256(alias) : null) == (published.Count == 0 ? null : published[^1].Sha256),
        times.AliasInterval + (times.Interval * 3) + _slack, "the alias to be the newest published manifest");

    private async Task AssertHangfireAsync()
    {
        await using var connection = await state.OpenConnectionAsync();
        var orphans = await connection.QueryAsync<long>("SELECT q.jobid FROM hangfire.jobqueue q LEFT JOIN hangfire.job j ON j.id = q.jobid WHERE j.id IS NULL");
        Assert.That(orphans, Is.Empty, "queue rows without a job");
        // What is that old when we look goes at the watcher's next look.
        var most = times.LockLease * 1.5;
        await Until.TrueAsync(async () => await connection.QuerySingleAsync<long>("SELECT count(*) FROM hangfire.lock WHERE acquired < now() - @most", new { most }) == 0, (times.Interval * 3) + _slack, "old lock rows to go");
    }

    private static IEnumerable<long> KeysIn(byte[] shard)
    {
        using var json = new GZipStream(new MemoryStream(shard), CompressionMode.Decompress);
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("data").EnumerateArray().Select(record => long.Parse(record.GetProperty("entity_id").GetString()!, CultureInfo.InvariantCulture))];
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed record Published
    {
        public long Id { get; init; }

        public string Manifest { get; init; } = "";

        public string Sha256 { get; init; } = "";

        public long Generation { get; init; }
    }
}
