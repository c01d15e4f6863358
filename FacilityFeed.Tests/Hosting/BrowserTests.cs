using FacilityFeed.Domain.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Tests.Support;
using Microsoft.Playwright;

namespace FacilityFeed.Tests.Hosting;

/// <summary>The dashboard as an operator sees it: a real browser on the real host.</summary>
public sealed class BrowserTests
{
    [Test]
    public async Task TriggerNow_StartsARun_WhoseChunksAndManifestAreFoundByName()
    {
        var port = ClosedPort.Find().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var address = $"http://localhost:{port}";
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 30), settings: [("Dashboard:Port", port)]);
        host.Host.App.MapFeedDashboard();
        host.Get<FeedSchedules>().Register();
        host.StartWorkers();
        await host.Host.App.StartAsync();
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync($"{address}/hangfire/recurring");

        await page.Locator("input[name='jobs[]'][value='facility']").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Trigger now" }).ClickAsync();

        await Until.TrueAsync(async () => (await host.Runs.ListAsync(1, CancellationToken.None)).Count == 1, TimeSpan.FromSeconds(30), "the trigger");
        var run = await host.EndOfAsync((await host.Runs.ListAsync(1, CancellationToken.None))[0].Id);
        Assert.That((run.State, run.Origin), Is.EqualTo((RunState.Published, "trigger now")), run.Reason);
        // The ledger knows of the end a moment before Hangfire does.
        var text = "";
        await Until.TrueAsync(async () =>
        {
            await page.GotoAsync($"{address}/hangfire/jobs/succeeded");
            text = await page.InnerTextAsync("body");
            return text.Contains($"facility · manifest of run {run.Id}", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(30), "the manifest's job among the succeeded");
        Assert.That(text, Does.Contain("facility · chunk 1 of 3 · ids 1–10")
            .And.Contain("facility · chunk 2 of 3 · ids 11–20")
            .And.Contain("facility · chunk 3 of 3 · ids 21–30"));

        var chunk = await host.Chunks.FindAsync(run.Id, 3, CancellationToken.None);
        await page.GotoAsync($"{address}/hangfire/jobs/details/{chunk!.JobId}");
        Assert.That(await page.InnerTextAsync("body"), Does.Contain($"10 records, {chunk.Bytes} bytes, {chunk.ObjectName}"));
        await Browser.KeepPictureAsync(page, "chunk");
    }
}
