using System.Globalization;
using System.Net;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>A source that does not answer is waited for, 30 seconds long; the tests of that wait do so side by side.</summary>
[Parallelizable(ParallelScope.Children)]
public sealed class SourceAwayTests
{
    [Test]
    public async Task Publish_GivesUpAndNamesThePort_WhenTheSourceStaysAway()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        var port = ClosedPort.Find().ToString(CultureInfo.InvariantCulture);
        installation.Settings["DB_HOST"] = "127.0.0.1";
        installation.Settings["DB_PORT"] = port;
        var start = TimeProvider.System.GetTimestamp();

        var result = await installation.RunAsync("publish", "facility");

        Assert.That((result.ExitCode, result.ErrorLines.Count), Is.EqualTo((2, 1)), result.Errors);
        Assert.That(result.Errors, Does.StartWith("error: ").And.Contain("DB_PORT (Source:Port)").And.Contain($"at 127.0.0.1:{port} did not answer").And.Not.Contain("   at "));
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.GreaterThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task Serve_StaysUpAndShowsTheRun_WhenTheSourceIsAway()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);
        installation.Settings["DB_HOST"] = "127.0.0.1";
        installation.Settings["DB_PORT"] = ClosedPort.Find().ToString(CultureInfo.InvariantCulture);
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;

        using var triggered = await Dashboard.TriggerAsync(client);
        await Until.TrueAsync(async () => await installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE reason IS NOT NULL") == 1, TimeSpan.FromSeconds(90), "the reason");
        var status = await installation.RunAsync("status");
        using var dashboard = await client.GetAsync("/hangfire");

        Assert.That(status.ExitCode, Is.Zero, status.Errors);
        Assert.That(status.Output, Does.Contain("planning").And.Contain("did not answer").And.Contain("DB_PORT (Source:Port)"));
        Assert.That((service.HasEnded, dashboard.StatusCode), Is.EqualTo((false, HttpStatusCode.OK)));
    }
}
