using System.Net;
using FacilityFeed.Tests.Embedded;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>The embedded database is killed under programs that go on.</summary>
public sealed class EmbeddedDeathTests
{
    private const string Restarted = "The embedded PostgreSQL had died; it was started again";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Serve_BringsItBack_OnceAndForAll_BesideACommandThatWaits()
    {
        await using var installation = await Installation.WithSourceAsync(Facilities.Gated(20));
        installation.Settings["CHUNK_SIZE"] = "10";
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        await using var publish = installation.Start("publish", "facility");
        await publish.SaysAsync("run 1 running");
        await ReadGate.WaitForReaderAsync(installation.Source);

        await EmbeddedServers.KillPostmasterAsync(PidFile(installation));
        await Until.TrueAsync(() => Task.FromResult((service.Errors + publish.Errors).Contains(Restarted, StringComparison.Ordinal)), _deadline, "a server again");
        await gate.OpenAsync();
        var published = await publish.EndAsync();
        await service.SignalAsync("TERM");
        var stopped = await service.EndAsync();

        Assert.That((published.ExitCode, stopped.ExitCode), Is.EqualTo((0, 0)), published.Errors + stopped.Errors);
        Assert.That(published.Output, Does.Contain("20 records in 2 chunks"));
        Assert.That((stopped.Errors + published.Errors).Split(Restarted), Has.Length.EqualTo(2), "it is said once, by who did it");
        Assert.That(PidFile(installation), Does.Not.Exist);
    }

    [Test]
    public async Task Publish_BringsItBack_WhenItIsAlone()
    {
        await using var installation = await Installation.WithSourceAsync(Facilities.Gated(20));
        await using var gate = await ReadGate.CloseAsync(installation.Source);
        await using var publish = installation.Start("publish", "facility");
        await ReadGate.WaitForReaderAsync(installation.Source);

        await EmbeddedServers.KillPostmasterAsync(PidFile(installation));
        await publish.SaysAsync(Restarted);
        await gate.OpenAsync();
        var result = await publish.EndAsync();

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(PidFile(installation), Does.Not.Exist);
    }

    [Test]
    public async Task ThePages_SayThatItIsAway_InWordsForAPerson_AndComeBack()
    {
        await using var installation = await Installation.WithSourceAsync(Facilities.Numbered(1, 5));
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;
        var known = await http.GetStringAsync("/hangfire/recurring");
        // Until the folder is given back it cannot be started again.
        var socketFolder = installation.Folder.File("data/postgres/socket");
        Directory.Delete(socketFolder, recursive: true);
        await File.WriteAllTextAsync(socketFolder, "");
        await EmbeddedServers.KillPostmasterAsync(PidFile(installation));
        await Until.TrueAsync(async () => await StatusAsync(http, "/hangfire") == HttpStatusCode.ServiceUnavailable, _deadline, "the death of the server's last process");

        foreach (var path in new[] { "/hangfire", "/hangfire/recurring", "/hangfire/servers", "/hangfire/retries", "/hangfire/jobs/failed", "/hangfire/jobs/enqueued", "/hangfire/jobs/details/1" })
        {
            using var page = await http.GetAsync(path);
            await AssertSaysSoAsync(page, path);
        }

        using var triggered = await Dashboard.TriggerAsync(http, known);
        await AssertSaysSoAsync(triggered, "an order");
        await service.SaysAsync("The embedded PostgreSQL has died and cannot be started again");
        File.Delete(socketFolder);
        await Until.TrueAsync(async () => await StatusAsync(http, "/hangfire/recurring") == HttpStatusCode.OK, _deadline, "the page again");
        Assert.That(service.Errors, Does.Not.Contain("host and port").And.Not.Contain("The dashboard's page"));
    }

    private static async Task AssertSaysSoAsync(HttpResponseMessage answer, string what)
    {
        var words = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable), what);
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"), what);
        Assert.That(words, Does.StartWith("the state database of this installation, the embedded PostgreSQL in ").And.Contain("is started again").And.Not.Contain("host and port").And.Not.Contain("Npgsql").And.Not.Contain("   at "), what);
        Assert.That(words.TrimEnd('\n'), Does.Not.Contain('\n'), what);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var page = await http.GetAsync(path);
        return page.StatusCode;
    }

    private static string PidFile(Installation installation) => installation.Folder.File("data/postgres/cluster/postmaster.pid");
}
