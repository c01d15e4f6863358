using System.Diagnostics;
using FacilityFeed.Tests.Faults.Lab;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>Databases that go away in the middle of a run.</summary>
internal static class DatabaseRows
{
    // One statement, a transaction by itself.
    private const string HangfiresLock = "INSERT INTO \"hangfire\".lock";

    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(150);

    public static IEnumerable<Fault> All() =>
    [
        State("restarted", times => TimeSpan.Zero, server => server.StopAsync()),
        State("stopped for a while", times => times.ShortOutage, server => server.StopAsync()),
        State("stopped for long", times => times.LongOutage, server => server.StopAsync()),
        State("stopped for very long", times => times.VeryLongOutage, server => server.StopAsync()),
        AroundHangfiresLimit(),
        State("killed -9", times => TimeSpan.Zero, server => server.KillAsync()),
        FailOver(),
        LostReplies(),
        Source("stopped in the middle of reads", times => times.ShortOutage, server => server.StopAsync()),
        Source("stopped for very long", times => times.VeryLongOutage, server => server.StopAsync()),
        Source("killed -9 in the middle of reads", times => times.ShortOutage, server => server.KillAsync()),
        MariaDbSource(),
    ];

    /// <summary>The outage of a row: as long as it is away, and no clock is compared with it.</summary>
    public static async Task OutageAsync(TimeSpan length)
    {
        if (length > TimeSpan.Zero)
        {
            using var timer = new PeriodicTimer(length);
            await timer.WaitForNextTickAsync();
        }
    }

    private static Fault State(string name, Func<FaultTimes, TimeSpan> outage, Func<PostgresServer, Task> stopAsync) =>
        State(name, $"{outage(FaultTimes.Shipped).TotalSeconds:0} s", outage, stopAsync);

    /// <summary>
    /// Hangfire tries to change a job's state for 45 s, then writes it down as failed: whichever way it goes, and what is in between. No time of ours, so
    /// nothing is shortened.
    /// </summary>
    private static Fault AroundHangfiresLimit()
    {
        const int Outages = 11;
        var last = Random.Shared.Next(Outages);
        return State("stopped for 30, 33, ... 60 s", "so long, each time another", _ => TimeSpan.FromSeconds(30 + (3 * (Interlocked.Increment(ref last) % Outages))), server => server.StopAsync()) with
        { Repetitions = Outages };
    }

    private static Fault State(string name, string length, Func<FaultTimes, TimeSpan> outage, Func<PostgresServer, Task> stopAsync) => Fault.InLab($"state database {name}",
        $"when 5 of 40 chunks are done; away for {length}; from its return until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await stopAsync(lab.StateServer);
            await OutageAsync(outage(lab.Times));
            await lab.StateServer.StartAgainAsync();
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { HasOwnSource = true }) with
    { Limit = FaultLimits.Away };

    private static Fault FailOver() => Fault.InLab("state database fails over to its standby",
        $"`STATE_DB` names both hosts; the primary is killed when 5 of 40 chunks are done, and the standby, which has all that was committed, promoted {FaultTimes.Shipped.ShortOutage.TotalSeconds:0} s later; from then until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await lab.StateServer.KillAsync();
            await OutageAsync(lab.Times.ShortOutage);
            await lab.Standby!.PromoteAsync();
            var recovery = await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM hangfire.jobparameter WHERE name = 'RetryCount' AND value <> '0'"), Is.Zero, "retries used");
            return recovery;
        }, new LabPlan { HasOwnSource = true, HasStandby = true }) with
    { Limit = FaultLimits.Away };

    private static Fault LostReplies() => Fault.InLab("state database's replies to COMMIT lost",
        "of the trigger, of the fan-out, of every third transaction that settles a chunk, of every fiftieth of Hangfire and of every fiftieth lock that it takes: the server has committed and the connection breaks; from the trigger until the run is published", async lab =>
        {
            var service = await lab.ServeAsync();
            lab.Line!.Lose(("INSERT INTO feed.run ", 1), ("INSERT INTO feed.chunk ", 1), ("remaining = remaining - 1", 3), ("hangfire", 50));
            lab.Line.LoseAlso((HangfiresLock, 50));
            var start = Stopwatch.GetTimestamp();
            await service.TriggerAsync();
            await lab.PublishedAsync();
            var recovery = FaultLab.Since(start);
            lab.Line.Lose();
            Assert.That(lab.Line.Lost, Is.GreaterThan(13), "replies that were lost");
            await lab.AssertPromisesAsync(service);
            return recovery;
        }, new LabPlan { LosesReplies = true }) with
    { Limit = FaultLimits.RepliesLost };

    private static Fault Source(string name, Func<FaultTimes, TimeSpan> outage, Func<PostgresServer, Task> stopAsync) => Fault.InLab($"source database {name}",
        $"when 5 of 40 chunks are done, of rows so large that a read is cut; away for {outage(FaultTimes.Shipped).TotalSeconds:0} s; from its return until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await stopAsync(lab.SourceServer!);
            await OutageAsync(outage(lab.Times));
            await lab.SourceServer!.StartAgainAsync();
            var recovery = await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM hangfire.state WHERE name = 'Failed'"), Is.Positive, "attempts that met it");
            return recovery;
        }, new LabPlan { Rows = 120, ChunkSize = 3, NameBytes = 256 * 1024, HasOwnSource = true }) with
    { Limit = FaultLimits.Away };

    private static Fault MariaDbSource() => Fault.InLab("source database, a MariaDB, stopped in the middle of reads",
        $"when 5 of 40 chunks are done, of rows so large that a read is cut; away for {FaultTimes.Shipped.LongOutage.TotalSeconds:0} s; from its return until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await lab.MariaDb!.StopAsync();
            await OutageAsync(lab.Times.LongOutage);
            await lab.MariaDb.StartAgainAsync();
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { Rows = 120, ChunkSize = 3, NameBytes = 256 * 1024, HasMariaDb = true }) with
    { Limit = FaultLimits.Away };
}
