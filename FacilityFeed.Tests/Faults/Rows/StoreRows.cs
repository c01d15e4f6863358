using System.Diagnostics;
using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>Stores that refuse, dawdle, break off or are full.</summary>
internal static class StoreRows
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(150);

    public static IEnumerable<Fault> All() =>
    [
        Gateway("answers 503", "to every third request", _ => true, GatewayFault.Unavailable, every: 3),
        Gateway("is slow", "every answer comes half a second late", _ => true, GatewayFault.Slow, every: 1),
        Gateway("cuts connections after the body", "every third put is done and its answer lost", method => method == HttpMethod.Put, GatewayFault.CutAfterBody, every: 3),
        Stopped("stopped", times => times.LongOutage),
        Stopped("stopped for very long", times => times.VeryLongOutage),
        FullSpool(),
        FullStore(),
    ];

    private static Fault Gateway(string name, string how, Func<HttpMethod, bool> isMeant, GatewayFault fault, int every) => Fault.InLab($"S3 gateway {name}",
        $"{how}, throughout the run; from the trigger until the run is published", async lab =>
        {
            var service = await lab.ServeAsync();
            var meant = 0;
            lab.Gateway!.Faults = (_, method, _) => isMeant(method) && Interlocked.Increment(ref meant) % every == 0 ? fault : GatewayFault.None;
            var start = Stopwatch.GetTimestamp();
            await service.TriggerAsync();
            await lab.PublishedAsync();
            var recovery = FaultLab.Since(start);
            lab.Gateway.Faults = (_, _, _) => GatewayFault.None;
            Assert.That(meant / every, Is.GreaterThan(10), "requests that met it");
            await lab.AssertPromisesAsync(service);
            return recovery;
        }, new LabPlan { IsOnS3 = true });

    private static Fault Stopped(string name, Func<FaultTimes, TimeSpan> outage) => Fault.InLab($"S3 gateway {name}",
        $"when 5 of 40 chunks are done; every connection breaks for {outage(FaultTimes.Shipped).TotalSeconds:0} s; from its return until the run is published", async lab =>
        {
            var service = await lab.ServeAsync(pace: _pace);
            await service.TriggerAsync();
            await lab.DoneAsync(5);
            lab.Gateway!.Faults = (_, _, _) => GatewayFault.Refused;
            await DatabaseRows.OutageAsync(outage(lab.Times));
            lab.Gateway.Faults = (_, _, _) => GatewayFault.None;
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { IsOnS3 = true }) with
    { Limit = FaultLimits.Away };

    private static Fault FullSpool() => Fault.InLab("disk full in the spool",
        "shards of 10 MB meet a spool of 6 MB until a chunk has failed; then it has room; from there until the run is published", async lab =>
        {
            var service = await lab.ServeAsync();
            await service.TriggerAsync();
            await FailedAsync(lab, "%spool folder%");
            await lab.Disk!.GrowAsync(128 * 1024);
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { Rows = 80, ChunkSize = 20, NameBytes = 960 * 1024, SpoolKiB = 6 * 1024 }) with
    { Limit = FaultLimits.Away };

    private static Fault FullStore() => Fault.InLab("disk full in the local store",
        "the store's file system is full after a few of 40 shards, until a chunk has failed; then it has room; from there until the run is published", async lab =>
        {
            var service = await lab.ServeAsync();
            await service.TriggerAsync();
            await FailedAsync(lab, "%Check the disk%");
            await lab.Disk!.GrowAsync(64 * 1024);
            return await lab.RecoverAsync(service, Stopwatch.GetTimestamp());
        }, new LabPlan { StoreKiB = 64 }) with
    { Limit = FaultLimits.Away };

    private static Task FailedAsync(FaultLab lab, string reason) => Until.TrueAsync(
        async () => await lab.ScalarAsync<long>("SELECT count(*) FROM feed.chunk WHERE error LIKE @reason", new { reason }) > 0, lab.Times.Patience, "a chunk to meet the full disk");
}
