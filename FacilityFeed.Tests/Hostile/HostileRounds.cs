using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Reflection;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests.Hostile;

/// <summary>Reads from a hostile server, thousands of times: each round ends in time, with rows or with one of our own exceptions.</summary>
internal static class HostileRounds
{
    private const int Count = 10_000;

    private const int WarmUp = 320;

    private const long MiB = 1024 * 1024;

    private const int AtOnce = 16;

    /// <summary>An opening, its grace and a reading, with time for a busy machine.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(45);

    /// <param name="options">The server.</param>
    /// <param name="seed">Of its answers; printed.</param>
    public static async Task RunAsync(SourceOptions options, int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        // What is compiled and pooled once is not what the rounds take.
        await RoundsAsync(options, WarmUp);
        var before = Memory();
        await RoundsAsync(options, Count);
        var after = Memory();
        TestContext.Out.WriteLine($"working set {before / MiB} MiB before, {after / MiB} MiB after");
        Assert.That(after - before, Is.LessThan(100 * MiB));
    }

    private static async Task RoundsAsync(SourceOptions options, int rounds)
    {
        await using var pool = new SourcePool(options);
        var unsorted = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, rounds), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (round, _) =>
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                // A round that hangs fails, and not the whole suite with it.
                await ReadAsync(pool, round).WaitAsync(_limit, CancellationToken.None);
            }
            catch (FeedException sorted)
            {
                if (sorted.Message.Any(char.IsControl))
                {
                    unsorted.AddOrUpdate($"a control character in {sorted.Message}", 1, (_, times) => times + 1);
                }
            }
            catch (Exception other)
            {
                unsorted.AddOrUpdate(other.ToString(), 1, (_, times) => times + 1);
            }

            if (Stopwatch.GetElapsedTime(start) > _limit)
            {
                unsorted.AddOrUpdate("longer than its limit", 1, (_, times) => times + 1);
            }
        });

        Assert.That(unsorted.Select(pair => $"{pair.Value} times {pair.Key}").Take(5), Is.Empty);
        // All rounds go through one pool: a place that a connection does not give back is lost to the process.
        if (pool.Database is NpgsqlDataSource)
        {
            await Until.TrueAsync(() => Task.FromResult(Busy(pool.Database) == 0), _limit, "the connections to come back to their pool");
        }
    }

    private static int Busy(DbDataSource database) =>
        ((ValueTuple<int, int, int>)typeof(NpgsqlDataSource).GetProperty("Statistics", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(database)!).Item3;

    private static async Task ReadAsync(SourcePool pool, int round)
    {
        var source = pool.For("facility");
        switch (round % 3)
        {
            case 0:
                await source.CheckAsync(CancellationToken.None);
                break;
            case 1:
                await using (var keys = await source.OpenKeysAsync(CancellationToken.None))
                {
                    await keys.JumpAsync(keys.FirstId, 1, CancellationToken.None);
                }

                break;
            default:
                await using (var rows = await source.OpenChunkAsync(new ChunkRange(1, 1, 3, 3), "run 1 chunk 1", CancellationToken.None))
                {
                    await foreach (var row in rows.ReadAsync(CancellationToken.None))
                    {
                    }
                }

                break;
        }
    }

    // What the machine has to give.
    private static long Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }
}
