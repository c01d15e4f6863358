using System.Globalization;
using System.Net;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Operating;
using FacilityFeed.Scheduler.Scheduling;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Hangfire;
using Microsoft.Playwright;

namespace FacilityFeed.Tests.Hosting;

/// <summary>What a person sees of a feed that does not do what it should: the recurring page, and the pages of the jobs that it links to.</summary>
public sealed class DashboardPagesTests
{
    private readonly List<IAsyncDisposable> _running = [];

    [TearDown]
    public async Task StopAsync()
    {
        foreach (var one in Enumerable.Reverse(_running))
        {
            await one.DisposeAsync();
        }

        _running.Clear();
    }

    [Test]
    public async Task AFailedFeed_IsRed_AndItsJobBeginsWithTheRemedy()
    {
        var (host, http) = await StartAsync();
        await host.Source.ExecuteAsync("ALTER TABLE facility RENAME COLUMN name TO named");
        var run = await host.PublishAsync();
        await HangfireJob.UntilAsync(host, run.PlanJobId!, "Failed");

        var recurring = await http.GetStringAsync("/hangfire/recurring");
        var page = WebUtility.HtmlDecode(await http.GetStringAsync($"/hangfire/jobs/details/{run.PlanJobId}"));
        var list = WebUtility.HtmlDecode(await http.GetStringAsync("/hangfire/jobs/failed"));

        Assert.That(BadgeOf(recurring), Is.EqualTo($"{run.PlanJobId} danger"));
        Assert.That(WebUtility.HtmlDecode(recurring), Does.Contain($"facility · start a run · run {run.Id} has FAILED: ./run status {run.Id} says why"));
        Assert.That(run.Reason, Does.Contain("lacks the column name: add it"));
        Assert.That(page, Does.Contain($"<p class=\"feed-message feed-remedy\">{run.Reason}</p>"));
        Assert.That(page.IndexOf("<details", StringComparison.Ordinal), Is.LessThan(page.IndexOf("FeedRejectedException", StringComparison.Ordinal)), "the class and the stack are folded");
        Assert.That(list, Does.Contain("class=\"expandable\"").And.Not.Contain("expandable display-block").And.Contain("More details").And.Not.Contain("Fewer details"), "the list folds them too");
        Assert.That(list.IndexOf(run.Reason!, StringComparison.Ordinal), Is.LessThan(list.IndexOf("FeedRejectedException", StringComparison.Ordinal)));
        Assert.That(list, Does.Not.Contain("AutomaticRetry").And.Contain("Failed jobs stay until they are mended"));
    }

    [Test]
    public async Task ATransientFailure_SaysAllOfIt_WhereItIsTriedAgain()
    {
        var (host, http) = await StartAsync(retryDelays: [3600]);
        var runId = await RunSteps.PlanAsync(host);
        await host.Source.ExecuteAsync("ALTER TABLE facility RENAME TO elsewhere; CREATE FUNCTION stumble() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''stumbled over a stone that lay in the way of everybody''; END'; CREATE VIEW facility AS SELECT * FROM elsewhere WHERE stumble()");
        host.StartWorkers();
        var job = (await RunSteps.ChunkAsync(host, runId, 1)).JobId;
        await HangfireJob.UntilAsync(host, job, "Scheduled");

        var error = (await RunSteps.ChunkAsync(host, runId, 1)).Error;
        Assert.That(error, Does.Contain("stumbled over a stone that lay in the way of everybody"));
        Assert.That(HangfireJob.State(host, job).Reason, Is.EqualTo($"Retry attempt 1 of 5: {error}"));
        Assert.That(HangfireJob.Details(host, job).History[1].Reason, Is.EqualTo(error));
        Assert.That(WebUtility.HtmlDecode(await http.GetStringAsync("/hangfire/retries")), Does.Contain($"Retry attempt 1 of 5: {error}"));
    }

    [Test]
    public async Task APausedFeed_SaysSo_AndThatItsTriggerStartedNothing()
    {
        var (host, http) = await StartAsync();
        var run = await host.PublishAsync();
        await host.Get<RunControl>().PauseAsync("facility", "maria");
        Assert.That(await NameAsync(http), Does.Match("^facility · start a run · PAUSED since 20..-..-.. ..:.. UTC by maria: no run starts until ./run resume facility$"));

        using var triggered = await Dashboard.TriggerAsync(http);
        await Until.TrueAsync(async () => (await NameAsync(http)).Contains("started no run", StringComparison.Ordinal), TimeSpan.FromSeconds(30), "the trigger");

        Assert.That(await NameAsync(http), Does.Match("resume facility · the trigger of 20..-..-.. ..:.. UTC started no run$"), "the pause is said once");
        await Until.TrueAsync(async () => BadgeOf(await http.GetStringAsync("/hangfire/recurring")) == $"{run.ManifestJobId} success", TimeSpan.FromSeconds(30), "the run's colour");
        Assert.That(WebUtility.HtmlDecode(await http.GetStringAsync("/hangfire/jobs/succeeded")), Does.Contain("facility · start a run").And.Not.Contain("PAUSED"), "an old job's name says nothing of today");

        await host.Get<RunControl>().ResumeAsync("facility", "maria");
        await Until.TrueAsync(async () => await NameAsync(http) == "facility · start a run", TimeSpan.FromSeconds(30), "a plain name");
    }

    [TestCase("missed", "the time 2026-01-02 03:00 UTC started no run: missed")]
    [TestCase("waits", "the run of 2026-01-02 03:00 UTC waits for the end of the active one")]
    public async Task ATimeWithoutARun_IsSaidInTheEntry(string reason, string words)
    {
        var (host, http) = await StartAsync();
        await host.State.ExecuteAsync($"INSERT INTO feed.occurrence (feed, due_at, first_due_at, reason) VALUES ('facility', '2026-01-02 03:00Z', '2026-01-02 03:00Z', '{reason}')");

        Assert.That(await NameAsync(http), Is.EqualTo($"facility · start a run · {words}"));
    }

    [Test]
    public async Task ATriggerThatMeetsAnActiveRun_IsSaidInTheEntry()
    {
        var (host, http) = await StartAsync();
        var active = await host.TriggerAsync();
        await host.TriggerAsync();

        Assert.That(await NameAsync(http), Does.EndWith($"UTC started no run: run {active} of this feed was active"));
    }

    [Test]
    public async Task ALateFeed_IsSaid_InTheWordsOfTheAuditTrail()
    {
        var (host, http) = await StartAsync();
        await host.PublishAsync();
        Assert.That(await NameAsync(http), Is.EqualTo("facility · start a run"), "young enough");

        await host.State.ExecuteAsync("UPDATE feed.run SET published_at = published_at - interval '50 hours', writer = 2");

        await Until.TrueAsync(async () => (await NameAsync(http)).Contains("LATE", StringComparison.Ordinal), TimeSpan.FromSeconds(30), "the word");
        Assert.That(await NameAsync(http), Is.EqualTo($"facility · start a run · LATE: {host.Get<FeedFreshness>().Find("facility")!.Words}"));
    }

    [Test]
    public async Task ACancelledRun_IsSaid_AndNotGreen_AndSoAreRunsBeforeItThatAreStillHeld()
    {
        var (host, http) = await StartAsync();
        var held = new[] { await host.TriggerAsync(), 0 };
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'held'");
        held[1] = await host.TriggerAsync();
        await host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'held'");
        var runId = await host.TriggerAsync();
        await host.Get<RunControl>().CancelAsync(runId, "test");
        var plan = (await RunSteps.FindAsync(host, runId)).PlanJobId!;

        host.Get<IBackgroundJobClient>().ChangeState(plan, new Hangfire.States.SucceededState(null, 0, 0));

        Assert.That(BadgeOf(await http.GetStringAsync("/hangfire/recurring")), Does.StartWith(plan).And.Not.Contain("success").And.Not.Contain("danger"));
        Assert.That(await NameAsync(http), Is.EqualTo($"facility · start a run · run {runId} was CANCELLED: ./run status {runId} says why · run {held[1]} is still HELD, and 1 before it: ./run status {held[1]} says why"));
    }

    [TestCase("gone", "was deleted, and registered again at ")]
    [TestCase("failed", "was disabled (no such type), and was registered again at ")]
    public async Task AScheduleThatCameBack_SaysSo_ForADay(string fate, string words)
    {
        var (host, http) = await StartAsync();
        if (fate == "gone")
        {
            host.Get<IRecurringJobManager>().RemoveIfExists("facility");
        }
        else
        {
            await host.State.ExecuteAsync("INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:facility', 'Error', 'no such type'); UPDATE hangfire.hash SET value = '' WHERE key = 'recurring-job:facility' AND field = 'NextExecution'");
        }

        host.Get<Watcher>().RunsSchedules = true;
        await host.Get<Watcher>().TickAsync(CancellationToken.None);
        host.Get<FeedSchedules>().Register();

        Assert.That(await NameAsync(http), Does.StartWith($"facility · start a run · {words}"));
        if (fate == "gone")
        {
            Assert.That(await NameAsync(http), Does.EndWith("for the settings name this feed: ./run pause facility keeps it from starting runs, Feeds:facility:Enabled=false, a restart and then ./run forget facility remove it"));
        }

        await host.State.ExecuteAsync($"UPDATE hangfire.hash SET value = '2020-01-02T03:00:00.0000000Z was deleted' WHERE field = '{Renewal.Field}'");
        await Until.TrueAsync(async () => await NameAsync(http) == "facility · start a run", TimeSpan.FromSeconds(30), "a plain name");
    }

    [Test]
    public async Task AHeldAndThenHealedFeed_InTheBrowser_BesideASecondHostOfTheProcess()
    {
        var (host, _) = await StartAsync();
        var (other, otherHttp) = await StartAsync();
        await host.PublishAsync();
        await host.Source.ExecuteAsync("DELETE FROM facility WHERE id > 20");
        var held = await host.PublishAsync();
        await HangfireJob.UntilAsync(host, held.ManifestJobId!, "Held");
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync($"{AddressOf(host)}/hangfire/recurring");

        var badge = page.Locator(".label-state-held");
        Assert.That(await badge.EvaluateAsync<string>("one => getComputedStyle(one).backgroundColor"), Is.EqualTo("rgb(123, 79, 163)"), "a colour of its own");
        Assert.That(await page.InnerTextAsync("body"), Does.Contain($"run {held.Id} is HELD: ./run status {held.Id} says why"));
        await Browser.KeepPictureAsync(page, "held-recurring");
        await badge.ClickAsync();
        Assert.That(await page.InnerTextAsync(".state-card-state-held"), Does.Contain(held.Reason!).And.Contain($"./run publish-anyway {held.Id} --reason '...' publishes it as it is"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Requeue" }).ClickAsync();
        await page.Locator(".state-card-text", new() { HasText = "Requeue was refused" }).First.WaitForAsync();
        await Browser.KeepPictureAsync(page, "held-job");

        page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.Locator(".state-card-state-inactive").WaitForAsync();
        Assert.That((await RunSteps.FindAsync(host, held.Id)).State, Is.EqualTo(RunState.Discarded));
        Assert.That(await otherHttp.GetStringAsync("/hangfire/recurring"), Does.Contain("facility · start a run").Or.Contain("facility &#183; start a run"));
        Assert.That(await NameAsync(otherHttp), Is.EqualTo("facility · start a run"), "the other host's own feed");
        Assert.That(other, Is.Not.SameAs(host));
    }

    private static async Task<string> NameAsync(HttpClient http) =>
        WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(await http.GetStringAsync("/hangfire/recurring"), "<td class=\"word-break width-30\">\\s*(.*?)\\s*</td>", System.Text.RegularExpressions.RegexOptions.Singleline).Groups[1].Value).Trim();

    /// <summary>The job that the last execution links to, and its colour.</summary>
    private static string BadgeOf(string page)
    {
        var badge = System.Text.RegularExpressions.Regex.Match(page, "jobs/details/(\\d+)\" class=\"text-decoration-none\">.*?label-state-(\\w+)", System.Text.RegularExpressions.RegexOptions.Singleline);
        return $"{badge.Groups[1].Value} {badge.Groups[2].Value}";
    }

    private static string AddressOf(TestHost host) => $"http://localhost:{host.Get<Infrastructure.Settings.ServiceSettings>().HttpPort}";

    private async Task<(TestHost Host, HttpClient Http)> StartAsync(IReadOnlyList<int>? retryDelays = null)
    {
        var host = await TestHost.CreateAsync(Facilities.Numbered(1, 30), retryDelays: retryDelays, settings: [("Dashboard:Port", ClosedPort.Find().ToString(CultureInfo.InvariantCulture))]);
        _running.Add(host);
        host.Host.App.MapFeedDashboard();
        host.Get<FeedSchedules>().Register();
        // A badge is shown only of an entry that was triggered once.
        await host.State.ExecuteAsync("INSERT INTO hangfire.hash (key, field, value) VALUES ('recurring-job:facility', 'LastExecution', '2026-01-02T03:00:00.0000000Z')");
        await host.Host.App.StartAsync();
        return (host, new HttpClient { BaseAddress = new Uri(AddressOf(host)) });
    }
}
