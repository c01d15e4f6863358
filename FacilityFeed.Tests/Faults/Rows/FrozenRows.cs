using System.Diagnostics;
using FacilityFeed.Domain;
using FacilityFeed.Tests.Faults.Inside;
using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>Processes and threads that stand still: zombies that wake up when everybody has gone on, and workers that never do.</summary>
internal static class FrozenRows
{
    private static readonly CrashPoint[] _frozen =
    [
        CrashPoint.PlanCut, CrashPoint.ChunkHalfRead, CrashPoint.ShardMade, CrashPoint.ObjectUnnamed, CrashPoint.ShardStored, CrashPoint.ChunkCounted,
        CrashPoint.ShardsProven, CrashPoint.PublishingEntered, CrashPoint.ManifestStored, CrashPoint.AliasUnnamed, CrashPoint.AliasStored,
    ];

    public static IEnumerable<Fault> All() =>
    [
        .. _frozen.Select(Zombie),
        .. new[] { CrashPoint.PlanTaken, CrashPoint.ChunkHalfRead, CrashPoint.ChunkFinished, CrashPoint.ManifestTaken, CrashPoint.RunPublished }.Select(Hung),
    ];

    private static Fault Zombie(CrashPoint point) => Fault.InLab($"SIGSTOP at {point}, SIGCONT past every time-out",
        "another service takes over, publishes the run and a further one from rows that have changed; then the stopped process goes on where it was; from the SIGSTOP until the run is published", async lab =>
        {
            var zombie = await lab.ServeAsync(point, point is CrashPoint.ChunkHalfRead or CrashPoint.ShardMade or CrashPoint.ShardStored or CrashPoint.ChunkCounted ? 3 : 0, FaultKind.Stop);
            await zombie.TriggerAsync();
            await zombie.FreezeAsync();
            var start = Stopwatch.GetTimestamp();
            var changes = lab.Source.Changes;

            var other = await lab.ServeAsync();
            var run = await lab.PublishedAsync();
            var recovery = FaultLab.Since(start);
            await other.TriggerAsync();
            await lab.PublishedAsync(run.Id);
            await Until.TrueAsync(() => Task.FromResult(FaultLab.Since(start) > lab.Times.Everything && lab.Source.Changes > changes), lab.Times.Patience, "every time-out");

            await zombie.Run.SignalAsync("CONT");
            await Until.TrueAsync(() => Task.FromResult(File.Exists(Path.Combine(lab.Hits, FaultyPoints.Settled))), lab.Times.Patience, "the zombie to go on");
            await lab.AssertPromisesNowAsync();
            await zombie.KillAsync();
            await lab.AssertPromisesAsync(other);
            return recovery;
        }) with
    { Repetitions = 1, Limit = FaultLimits.Killed, Also = "the further run stays the current one" };

    private static Fault Hung(CrashPoint point) => Fault.InLab($"a worker hangs for ever at {point}",
        "its thread never goes on, its process lives; from then until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(point, kind: FaultKind.Hang);
            await service.TriggerAsync();
            await Until.TrueAsync(() => Task.FromResult(File.Exists(Path.Combine(lab.Hits, point.ToString()))), lab.Times.Patience, "the hanging thread");
            var start = Stopwatch.GetTimestamp();
            return await lab.RecoverAsync(service, start);
        }) with
    { Repetitions = 1, Limit = FaultLimits.Hung };
}
