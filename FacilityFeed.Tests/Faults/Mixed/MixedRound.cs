using System.IO.Compression;
using System.Text.Json;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Mixed;

/// <summary>
/// Both builds die at one point of a run while the other lives. Whatever the source has, nobody publishes the hundred rows that are left of a
/// thousand; and what the earlier build began comes to its end without it.
/// </summary>
internal sealed class MixedRound(MixedLab lab, CrashPoint point)
{
    // So that a silent attempt is seen, and looked at more than once.
    private static readonly TimeSpan _alone = FaultTimes.Shortened.Watch.Silence + FaultTimes.Shortened.Watch.Silence;

    // On a machine that is busy with other things a program alone takes a minute to start.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    // The command dies itself where a run begins; everything else is the service's.
    private bool IsBegin => point <= CrashPoint.RunBegun;

    /// <summary>Has the round.</summary>
    /// <returns>What was seen, in a line.</returns>
    public async Task<string> HaveAsync()
    {
        await EndAsync(lab.Publish(MixedLab.Earlier), 0, "the earlier build, alone, publishes the whole table");
        await OursDiesInAnEarlierRunAsync();
        var (runs, ended) = await EarlierDiesAsync();
        var refused = await OursDiesAsync();
        await AssertNothingIsLeftAsync();
        return $"{point}: the earlier build died in run {runs}, which ended {ended}; ours died, the earlier one was refused {refused}; {await CountsAsync()}";
    }

    /// <summary>The earlier build has begun a run, ours alone works on it and dies at the point for good: the earlier one ends it.</summary>
    private async Task OursDiesInAnEarlierRunAsync()
    {
        await lab.ChangeAsync();
        var ours = await lab.ServeAsync(MixedLab.Ours, IsBegin ? CrashPoint.PlanTaken : point);
        var before = await lab.NewestAsync();
        var command = lab.Publish(MixedLab.Earlier);
        await ours.DieAsync();
        await MixedLab.KillAsync(command);
        Assert.That(await lab.NewestAsync(), Is.EqualTo(before + 1), "the earlier build's run");

        var earlier = await lab.ServeAsync(MixedLab.Earlier);
        Assert.That(await lab.EndedAsync(), Is.EqualTo("published"), "what the earlier build began and ours worked on, by the earlier one alone");
        Assert.That(await lab.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE protocol > 1"), Is.Zero, "runs of ours");
        await earlier.TermAsync();
    }

    /// <summary>The earlier build dies at the point, in a run of its own, while ours lives.</summary>
    private async Task<(long Run, string State)> EarlierDiesAsync()
    {
        var service = await lab.ServeAsync(MixedLab.Earlier, IsBegin ? null : point);
        var ours = await lab.ServeAsync(MixedLab.Ours);
        var command = lab.Publish(MixedLab.Earlier, IsBegin ? point : null);
        // Where both could take the job, ours may have been the one.
        for (var attempt = 1; !await HasDiedAsync(IsBegin ? command : service, command); attempt++)
        {
            Assert.That(attempt, Is.LessThan(30), "the earlier build never comes to the point");
            await EndAsync(command, 0, "a run of the earlier build, by both");
            await lab.ChangeAsync();
            command = lab.Publish(MixedLab.Earlier);
        }

        await MixedLab.KillAsync(service, command);
        var state = await lab.EndedAsync();
        Assert.That(state, Is.EqualTo("published"), "what the earlier build began, by ours alone");
        var run = await lab.NewestAsync();

        // Both again, over a source that must not be published; the run is still the earlier build's.
        var again = await lab.ServeAsync(MixedLab.Earlier);
        await lab.ShrinkAsync();
        await EndAsync(lab.Publish(MixedLab.Earlier), 3, "a run of the earlier build over a hundred rows is held");
        await ours.TermAsync();
        await again.TermAsync();
        return (run, state);
    }

    /// <summary>Ours dies at the point, in a run of its own, while the earlier build lives; then that one goes for good.</summary>
    private async Task<string> OursDiesAsync()
    {
        if (point >= CrashPoint.PublishingEntered)
        {
            // A held run never comes there.
            await lab.GrowAgainAsync();
            await lab.ChangeAsync();
        }

        var earlier = await lab.ServeAsync(MixedLab.Earlier);
        var ours = await lab.ServeAsync(MixedLab.Ours, IsBegin ? null : point);
        var before = await lab.NewestAsync();
        var command = lab.Publish(MixedLab.Ours, IsBegin ? point : null);
        await (IsBegin ? command : ours).DieAsync();
        await MixedLab.KillAsync(ours, command);

        var run = await lab.NewestAsync();
        var left = await lab.RunAsync(run);
        await AloneAsync();
        Assert.That(await lab.RunAsync(run), Is.EqualTo(left), "our run, with the earlier build alone");

        await lab.ServeAsync(MixedLab.Ours);
        if (run == before)
        {
            await EndAsync(lab.Publish(MixedLab.Ours), 3, "our run over a hundred rows");
        }

        Assert.That(await lab.EndedAsync(), Is.EqualTo(point >= CrashPoint.PublishingEntered ? "published" : "held"));
        var refused = await EndAsync(lab.Publish(MixedLab.Earlier), 2, "the earlier build begins no run after ours");
        Assert.That(refused.Errors, Does.Contain("feed facility has had a run of protocol 2, and this one would be of protocol 1: "));

        await MixedLab.KillAsync(earlier);
        if (point < CrashPoint.PublishingEntered)
        {
            await lab.GrowAgainAsync();
        }

        await lab.ChangeAsync();
        await EndAsync(lab.Publish(MixedLab.Ours), 0, "our run over the whole table, without the earlier build");
        return (earlier.Output + earlier.Errors).Contains("is of protocol 2", StringComparison.Ordinal) ? "a repair of it" : "no repair, for it tried none";
    }

    /// <summary>Every manifest is of a whole feed, every run has ended, and neither queues nor jobs wait for anybody.</summary>
    private async Task AssertNothingIsLeftAsync()
    {
        foreach (var manifest in Directory.GetFiles(lab.Store, "*.filesetdesc.json"))
        {
            Assert.That(await RecordsAsync(manifest), Is.GreaterThanOrEqualTo(MixedLab.Rows), manifest);
        }

        Assert.That(await lab.EndedAsync(), Is.EqualTo("published"));
        Assert.That(await lab.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state = 'failed'"), Is.Zero, "failed runs");
        await Until.TrueAsync(async () => await lab.State.ScalarAsync<long>("SELECT (SELECT count(*) FROM hangfire.jobqueue) + (SELECT count(*) FROM hangfire.job WHERE statename IN ('Enqueued', 'Processing', 'Scheduled', 'Awaiting'))") == 0,
            _patience, "queues and jobs to be empty");
        Assert.That(await lab.State.ScalarAsync<int>("SELECT number FROM feed.protocol"), Is.EqualTo(2));
    }

    private async Task<long> RecordsAsync(string manifest)
    {
        var records = 0L;
        foreach (var file in Manifest.Parse(await File.ReadAllBytesAsync(manifest)).DataFiles)
        {
            await using var json = new GZipStream(File.OpenRead(Path.Combine(lab.Store, file)), CompressionMode.Decompress);
            using var shard = await JsonDocument.ParseAsync(json);
            foreach (var record in shard.RootElement.GetProperty("data").EnumerateArray())
            {
                Assert.That(record.GetProperty("location").GetProperty("address").GetProperty("country").GetString(), Is.EqualTo("DE"), file);
                records++;
            }
        }

        return records;
    }

    private async Task<string> CountsAsync() => await lab.State.ScalarAsync<string>("SELECT string_agg(n || ' ' || state || ' of protocol ' || protocol, ', ' ORDER BY protocol, state) FROM (SELECT protocol, state, count(*) AS n FROM feed.run GROUP BY 1, 2) counts");

    /// <summary>Whether the victim dies before the command has told of its run's end.</summary>
    private static async Task<bool> HasDiedAsync(ProgramRun victim, ProgramRun command)
    {
        await Until.TrueAsync(() => Task.FromResult(victim.HasEnded || command.HasEnded), _patience, "the end of a run, or a death");
        return victim.HasEnded;
    }

    private static async Task<ProgramResult> EndAsync(ProgramRun program, int exitCode, string what)
    {
        await Until.TrueAsync(() => Task.FromResult(program.HasEnded), _patience, what);
        var end = await program.EndAsync();
        Assert.That(end.ExitCode, Is.EqualTo(exitCode), $"{what}:\n{end.Output}\n{end.Errors}");
        return end;
    }

    // No wait for something: what does not happen in this time is what is asserted.
    private static async Task AloneAsync()
    {
        using var timer = new PeriodicTimer(_alone);
        await timer.WaitForNextTickAsync();
    }
}
