using System.Diagnostics;
using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Rows;

/// <summary>A state database that is far away.</summary>
internal static class DistanceRows
{
    private const int Chunks = 2000;

    // For rows that come before the plan: one row more than fits would make all chunks larger, and a tenth fewer.
    private const int Spare = 20;

    private static readonly TimeSpan _away = TimeSpan.FromMilliseconds(50);

    // Each job asks four times; and two shared cores.
    private static readonly TimeSpan _deadline = 4 * Chunks * _away * 2.5;

    public static IEnumerable<Fault> All() => [FannedOut()];

    private static Fault FannedOut() => Fault.InLab($"{Chunks:N0} chunks at {_away.TotalMilliseconds:0} ms to the state database",
        $"the way there and back is {_away.TotalMilliseconds:0} ms long until all chunks have their jobs, in one transaction; from the trigger until they have", async lab =>
        {
            var service = await lab.ServeAsync();
            lab.Line!.Delay = _away;
            var start = Stopwatch.GetTimestamp();
            await service.TriggerAsync();
            await Until.TrueAsync(async () => await lab.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state <> 'planning'") > 0, _deadline, "the chunks' jobs");
            var recovery = FaultLab.Since(start);
            lab.Line.Delay = TimeSpan.Zero;
            Assert.That(await lab.ScalarAsync<string>("SELECT plan_attempt || ' attempt, ' || (SELECT count(*) FROM feed.run_event WHERE event = 'repair') || ' repairs' FROM feed.run"), Is.EqualTo("1 attempt, 0 repairs"));
            Assert.That(await lab.ScalarAsync<long>("SELECT count(*) FROM feed.chunk"), Is.InRange(Chunks - (2 * Spare), Chunks));
            await lab.RecoverAsync(service, start);
            return recovery;
        }, new LabPlan { Rows = 10 * (Chunks - Spare), LosesReplies = true, Settings = new Dictionary<string, string> { ["Feeds__facility__MaxChunks"] = "2000" } }) with
    { Repetitions = 1, Also = "one attempt at the plan, and nothing is repaired while it lasts" };
}
