using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class StatusCommandTests
{
    [Test]
    public async Task Status_SaysHowToBegin_AndStartsNothing_WhenNothingRanEver()
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync("status");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((0, "No run yet: ./run publish FEED makes the first\n")));
        Assert.That(installation.Folder.File("data"), Does.Not.Exist);
    }

    [Test]
    public async Task Status_ShowsTheRunsOfTheLedger()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 1234));

        var before = await installation.RunAsync("status");
        var published = await installation.RunAsync("publish", "facility");
        var all = await installation.RunAsync("status");
        var one = await installation.RunAsync("status", "1");
        var unknown = await installation.RunAsync("status", "99");

        Assert.That((before.ExitCode, before.Output), Is.EqualTo((0, "No run yet: ./run publish FEED makes the first\n")));
        Assert.That((published.ExitCode, all.ExitCode, one.ExitCode), Is.EqualTo((0, 0, 0)));
        Assert.That(all.Output.Split('\n')[1], Does.Match(@"^ +1 +facility +published +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +2/2 +1,234 +\d+\.\d$"));
        Assert.That(one.Output, Does.StartWith("run 1 of feed facility (reservewithgoogle.entity), by command: published\n2/2 chunks done, 0 failed, 2 shards, 1,234 records"));
        Assert.That(one.Output, Does.Match(@"\nmanifest: reservewithgoogle\.entity-\d+\.filesetdesc\.json\n"));
        Assert.That((unknown.ExitCode, unknown.Output), Is.EqualTo((1, "")));
        Assert.That(unknown.Errors, Does.StartWith("error: there is no run 99"));
    }

    [Test]
    public async Task Status_ShowsWhyARunIsHeld()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        await installation.RunAsync("publish", "facility");

        var result = await installation.RunAsync("status");

        Assert.That(result.Output, Does.Contain("held").And.Contain("the source is empty: facility has no rows"));
    }
}
