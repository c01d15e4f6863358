using System.Data.Common;
using System.Diagnostics;
using FacilityFeed.Tests.Faults.Lab;
using Npgsql;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>Databases that are there, and whose sessions are ended, held up, crowded out or read-only.</summary>
internal static class SessionRows
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(150);

    public static IEnumerable<Fault> All() =>
    [
        Ended("state"),
        Ended("source"),
        OldSnapshot(),
        Crowded(),
        FailOver(),
    ];

    /// <summary>As an administrator, a pooler or a proxy does that ends sessions when it likes.</summary>
    private static Fault Ended(string which) => Fault.InLab($"{which} database ends sessions",
        $"half of the service's, at random, every {FaultTimes.Shipped.Peace.TotalSeconds:0} to {4 * FaultTimes.Shipped.Peace.TotalSeconds:0} s, throughout a run of 100 s; from the trigger until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: lab.Times.Peace);
            var start = Stopwatch.GetTimestamp();
            await service.TriggerAsync();
            using var over = new CancellationTokenSource();
            var ending = EndSessionsAsync(which == "state" ? lab.State : lab.Source.Database, lab.Times.Peace, over.Token);
            await lab.PublishedAsync();
            var recovery = FaultLab.Since(start);
            await over.CancelAsync();
            Assert.That(await ending, Is.GreaterThan(2), "sessions that were ended");
            await lab.AssertPromisesAsync(service);
            return recovery;
        }, new LabPlan { HasOwnSource = true, Settings = new Dictionary<string, string> { ["Feeds__facility__Workers"] = "2" } }) with
    { Limit = TimeSpan.FromMinutes(5) };

    private static async Task<int> EndSessionsAsync(DbDataSource database, TimeSpan peace, CancellationToken over)
    {
        var ended = 0;
        try
        {
            while (true)
            {
                using var timer = new PeriodicTimer(peace * (1 + (3 * Random.Shared.NextDouble())));
                await timer.WaitForNextTickAsync(over);
                await using var end = database.CreateCommand($"SELECT count(pg_terminate_backend(pid)) FROM ({OfTheService} AND random() < 0.5) half");
                ended += (int)(long)(await end.ExecuteScalarAsync(CancellationToken.None))!;
            }
        }
        catch (OperationCanceledException)
        {
            return ended;
        }
    }

    private static Fault OldSnapshot() => Fault.InLab("a session idle in a transaction keeps the state database from cleaning up",
        "a program elsewhere holds an old snapshot while twenty runs are made, one after the other; from the trigger of the last one until it is published", async lab =>
        {
            const int Runs = 20;
            await using var old = await lab.State.OpenConnectionAsync();
            await using var transaction = await old.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
            await using var look = new NpgsqlCommand("SELECT count(*) FROM hangfire.job", old, transaction);
            var service = await lab.ServeAsync();
            await look.ExecuteScalarAsync();
            var times = new List<TimeSpan>();
            for (var run = 0L; run < Runs; run = await lab.ScalarAsync<long>("SELECT max(id) FROM feed.run"))
            {
                var start = Stopwatch.GetTimestamp();
                await service.TriggerAsync();
                await lab.PublishedAsync(run);
                times.Add(FaultLab.Since(start));
            }

            var (first, last) = (times.Take(5).Max(), times.TakeLast(5).Min());
            Assert.That(last, Is.LessThan((2 * first) + TimeSpan.FromSeconds(5)), $"the last five runs, against the first five: {string.Join(", ", times.Select(time => $"{time.TotalSeconds:0.0}"))}");
            Assert.That(await lab.ScalarAsync<long>("SELECT n_dead_tup FROM pg_stat_user_tables WHERE schemaname = 'hangfire' AND relname = 'jobqueue'"), Is.GreaterThan(Runs * 40), "dead rows in Hangfire's queue");
            await transaction.RollbackAsync();
            await lab.AssertPromisesAsync(service);
            return times[^1];
        }) with
    { Repetitions = 1, Also = "the last five runs are not twice as slow as the first five" };

    private static Fault Crowded() => Fault.InLab("state database has no connection left",
        $"when 5 of 40 chunks are done, the service's sessions end and others hold all connections that are not a superuser's, for {FaultTimes.Shipped.Crowd.TotalSeconds:0} s; from then until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await lab.AssertActiveAsync();
            await CrowdAsync(lab);
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { HasOwnSource = true }) with
    { Limit = FaultLimits.Away };

    private static async Task CrowdAsync(FaultLab lab)
    {
        await using var elsewhere = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(lab.StateConnectionString) { Pooling = false, Timeout = 5 });
        await using var first = await elsewhere.OpenConnectionAsync();
        var crowd = new List<NpgsqlConnection>();
        try
        {
            var start = Stopwatch.GetTimestamp();
            var isFull = false;
            while (FaultLab.Since(start) < lab.Times.Crowd)
            {
                try
                {
                    crowd.Add(await elsewhere.OpenConnectionAsync());
                }
                catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
                {
                    await using var end = new NpgsqlCommand($"SELECT count(pg_terminate_backend(pid)) FROM ({OfTheService}) its", first);
                    isFull |= (long)(await end.ExecuteScalarAsync())! == 0;
                    // Each refusal costs the server a process.
                    await DatabaseRows.OutageAsync(_pace);
                }
            }

            Assert.That(isFull, "the service to be left without a connection");
        }
        finally
        {
            foreach (var one in crowd)
            {
                await one.DisposeAsync();
            }
        }
    }

    /// <summary>Whoever connects while the database is read-only is so to the end of its session: as with a proxy that still leads to the demoted server.</summary>
    private static Fault FailOver() => Fault.InLab("state database is read-only for a while, as in a fail-over",
        $"when 5 of 40 chunks are done, the service's sessions end, and new ones may only read for {FaultTimes.Shipped.FailOver.TotalSeconds:0} s; those that began in between stay so; from then until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await lab.AssertActiveAsync();
            await using var admin = await lab.State.OpenConnectionAsync();
            await using var begin = new NpgsqlCommand($"ALTER DATABASE state SET default_transaction_read_only = on; SELECT pg_terminate_backend(pid) FROM ({OfTheService}) its", admin);
            await begin.ExecuteNonQueryAsync();
            await DatabaseRows.OutageAsync(lab.Times.FailOver);
            await using var end = new NpgsqlCommand("ALTER DATABASE state RESET default_transaction_read_only", admin);
            await end.ExecuteNonQueryAsync();
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { HasOwnSource = true }) with
    { Limit = FaultLimits.Away };

    private const string OfTheService = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'facilityfeed%'";
}
