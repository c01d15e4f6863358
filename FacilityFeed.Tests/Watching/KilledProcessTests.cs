using System.Diagnostics;
using System.Globalization;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Tests.Publishing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Watching;

public sealed class KilledProcessTests
{
    [Test]
    public async Task AnotherProcess_FinishesTheRun_WhenOneIsKilledInMidChunk()
    {
        // With the shipped times: the next process on the same machine knows at its first look that the other one is gone.
        await using var host = await TestHost.CreateAsync(Facilities.Gated(60));
        await using var gate = await ReadGate.CloseAsync(host.Source);
        await using var killed = ProgramRun.Start(host.Folder.Path, Environment(host), ["publish", "facility"]);
        await ReadGate.WaitForReaderAsync(host.Source);

        await killed.SignalAsync("KILL");
        await killed.EndAsync();
        var start = Stopwatch.GetTimestamp();
        await gate.OpenAsync();
        host.StartWorkers();
        var run = await host.EndOfAsync(1);

        TestContext.Out.WriteLine($"recovered and published {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s after the kill");
        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(PublishTests.ReadIds(host.StorePath, run.Manifest!), Is.EqualTo(Enumerable.Range(1, 60).Select(id => $"{id}")));
        var repairs = (await host.Runs.EventsAsync(run.Id, CancellationToken.None)).Where(line => line.Event == "repair").Select(line => line.Detail);
        Assert.That(repairs, Is.Not.Empty.And.All.Contains("was in the hands of a process that is gone; job"));
    }

    /// <summary>The settings of the host, as a process of its own gets them.</summary>
    private static Dictionary<string, string> Environment(TestHost host) => new()
    {
        ["STATE_DB"] = host.State.ConnectionString,
        ["DB_HOST"] = host.Source.SourceOptions.Host,
        ["DB_PORT"] = host.Source.SourceOptions.Port.ToString(CultureInfo.InvariantCulture),
        ["DB_NAME"] = host.Source.SourceOptions.Database,
        ["DB_USER"] = host.Source.SourceOptions.User,
        ["DB_PASSWORD"] = host.Source.SourceOptions.Password!,
        ["DATA_DIR"] = host.Folder.File("data"),
        ["LOCAL_STORAGE_PATH"] = host.StorePath,
        ["CHUNK_SIZE"] = "10",
        // No second one, which might be killed the moment that it has fetched a job: of that nobody can say whose it is.
        ["Feeds__facility__Workers"] = "1",
    };
}
