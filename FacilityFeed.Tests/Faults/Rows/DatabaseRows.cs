using System.Diagnostics;
using FacilityFeed.Tests.Faults.Lab;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>Databases that go away in the middle of a run.</summary>
internal static class DatabaseRows
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(150);

    public static IEnumerable<Fault> All() =>
    [
        State("restarted", times => TimeSpan.Zero, server => server.StopAsync()),
        State("stopped for a while", times => times.ShortOutage, server => server.StopAsync()),
        State("stopped for long", times => times.LongOutage, server => server.StopAsync()),
        State("killed -9", times => TimeSpan.Zero, server => server.KillAsync()),
        LostReplies(),
        Source("stopped in the middle of reads", server => server.StopAsync()),
        Source("killed -9 in the middle of reads", server => server.KillAsync()),
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

    private static Fault State(string name, Func<FaultTimes, TimeSpan> outage, Func<PostgresServer, Task> stopAsync) => Fault.InLab($"state database {name}",
        $"when 5 of 40 chunks are done; away for {outage(FaultTimes.Shipped).TotalSeconds:0} s; from its return until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await stopAsync(lab.StateServer);
            await OutageAsync(outage(lab.Times));
            await lab.StateServer.StartAgainAsync();
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { HasOwnSource = true });

    private static Fault LostReplies() => Fault.InLab("state database's replies to COMMIT lost",
        "of the trigger, of the fan-out, of every third transaction that settles a chunk and of every fiftieth of Hangfire: the server has committed and the connection breaks; from the trigger until the run is published", async lab =>
        {
            var service = await lab.ServeAsync();
            lab.Line!.Lose(("INSERT INTO feed.run ", 1), ("INSERT INTO feed.chunk ", 1), ("SET remaining = remaining - 1", 3), ("hangfire", 50));
            var start = Stopwatch.GetTimestamp();
            await service.TriggerAsync();
            await lab.PublishedAsync();
            var recovery = FaultLab.Since(start);
            lab.Line.Lose();
            Assert.That(lab.Line.Lost, Is.GreaterThan(13), "replies that were lost");
            await lab.AssertPromisesAsync(service);
            return recovery;
        }, new LabPlan { LosesReplies = true });

    private static Fault Source(string name, Func<PostgresServer, Task> stopAsync) => Fault.InLab($"source database {name}",
        $"when 5 of 40 chunks are done, of rows so large that a read is cut; away for {FaultTimes.Shipped.ShortOutage.TotalSeconds:0} s; from its return until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            await stopAsync(lab.SourceServer!);
            await OutageAsync(lab.Times.ShortOutage);
            await lab.SourceServer!.StartAgainAsync();
            var recovery = await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM hangfire.state WHERE name = 'Failed'"), Is.Positive, "attempts that met it");
            return recovery;
        }, new LabPlan { Rows = 120, ChunkSize = 3, NameBytes = 256 * 1024, HasOwnSource = true });
}
