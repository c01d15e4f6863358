using System.Text.Json;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>A held feed as a person meets it: <c>publish</c>, <c>publish-anyway</c>, <c>discard</c>, <c>rejects</c>.</summary>
public sealed class GuardCommandTests
{
    [Test]
    public async Task AHeldRun_ExitsWith3_SaysTheNumbersOnce_AndWhatToDo()
    {
        await using var installation = await PublishedAsync();
        var before = installation.Stored();
        await installation.Source.ExecuteAsync("DELETE FROM facility WHERE id > 70");

        var held = await installation.RunAsync("publish", "facility");
        var status = await installation.RunAsync("status", "2");

        Assert.That(held.ExitCode, Is.EqualTo(3), held.Errors);
        Assert.That(held.Output, Does.StartWith("run 2 held: 70 records in 3 chunks, "));
        Assert.That(held.Errors, Does.EndWith("""
            run 2: 70 records, 100 before, -30.0 %, limit 20 %. Nothing was published; the last feed stays
            next: ./run diff 2 shows what it would change
                  ./run publish-anyway 2 --reason '...' publishes it, ./run discard 2 drops it

            """.ReplaceLineEndings("\n")));
        Assert.That(held.Errors, Does.Not.Contain(" warn "), "said once");
        Assert.That(installation.Stored()["metadata.json"], Is.EqualTo(before["metadata.json"]));
        Assert.That(status.Output, Does.Contain("70 rows read = 70 written + 0 rejected; 70 planned, drift 0").And.Contain("\nnext: ./run diff 2 shows what it would change\n"));
    }

    [Test]
    public async Task ARunHeldForAnEmptySource_IsNotToldToBePublishedAnyway()
    {
        await using var installation = await Installation.CreateAsync(Facilities.EmptyTable);

        var held = await installation.RunAsync("publish", "facility");

        Assert.That(held.ExitCode, Is.EqualTo(3), held.Errors);
        Assert.That(held.Errors, Does.Contain("the last feed stays\nnext: ./run publish facility makes it again once that is mended\n").And.Not.Contain("publish-anyway"));
    }

    [Test]
    public async Task PublishAnyway_PublishesTheHeldRun_Alone()
    {
        await using var installation = await PublishedAsync();
        await installation.Source.ExecuteAsync("DELETE FROM facility WHERE id > 70");
        await installation.RunAsync("publish", "facility");

        var withoutReason = await installation.RunAsync("publish-anyway", "2");
        var anyway = await installation.RunAsync("publish-anyway", "2", "--reason", "30 shops were sold");
        var again = await installation.RunAsync("publish-anyway", "2", "--reason", "once more");
        var next = await installation.RunAsync("publish", "facility");
        var status = await installation.RunAsync("status", "2");

        Assert.That(withoutReason.ExitCode, Is.EqualTo(2), withoutReason.Errors);
        Assert.That(anyway.ExitCode, Is.Zero, anyway.Errors);
        Assert.That(anyway.Output, Does.Match("^run 2 is published as it is, [0-9]+ (s|min) after its request\nrun 2 published: 70 records"));
        Assert.That((again.ExitCode, again.Errors), Is.EqualTo((1, "error: run 2 is published: only a held run can be published anyway\n")));
        Assert.That(next.ExitCode, Is.Zero, next.Errors);
        Assert.That(status.Output, Does.Match("published anyway: by command, [0-9]+ (s|min) after its request: 30 shops were sold. It was held: 70 records, 100 before, -30.0 %, limit 20 %"));
    }

    [Test]
    public async Task AnOldRun_GoesOnOnlyByForce_AndStatusSaysSo()
    {
        await using var installation = await PublishedAsync();
        await installation.Source.ExecuteAsync("DELETE FROM facility WHERE id > 70");
        await installation.RunAsync("publish", "facility");
        await installation.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, requested_at = requested_at - interval '30 hours' WHERE id = 2");

        var status = await installation.RunAsync("status", "2");
        var json = await installation.RunAsync("status", "2", "--json");
        var refused = await installation.RunAsync("publish-anyway", "2", "--reason", "30 shops were sold");
        await installation.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, state = 'failed' WHERE id = 2");
        var failed = await installation.RunAsync("status", "2");
        var notRedriven = await installation.RunAsync("redrive", "2");
        var redriven = await installation.RunAsync("redrive", "2", "--force");
        var anyway = await installation.RunAsync("publish-anyway", "2", "--reason", "30 shops were sold", "--force");

        const string Old = "run 2 was requested 30 h ago, and its data is as old: more than 24 h (Feeds:facility:RedriveWithin)";
        Assert.That(status.Output, Does.EndWith($"\nold: {Old}\nnext: ./run publish facility makes it again of today's data, ./run discard 2 drops it\n      ./run publish-anyway 2 --reason '...' --force publishes it all the same\n"));
        Assert.That(json.Output, Does.Contain("\"needsForce\":true"));
        Assert.That((refused.ExitCode, refused.Errors), Is.EqualTo((1, $"error: {Old}. ./run publish facility makes the feed of today's data; ./run publish-anyway 2 --reason '...' --force lets this run go on all the same\n")));
        Assert.That(failed.Output, Does.EndWith($"\nold: {Old}\nnext: ./run publish facility makes it again of today's data\n      ./run redrive 2 --force lets it go on all the same\n"));
        Assert.That((notRedriven.ExitCode, notRedriven.Errors), Is.EqualTo((1, $"error: {Old}. ./run publish facility makes the feed of today's data; ./run redrive 2 --force lets this run go on all the same\n")));
        Assert.That(redriven.ExitCode, Is.EqualTo(3), "held again");
        Assert.That(redriven.Errors, Does.EndWith("--force publishes it all the same\n"), "and as old");
        Assert.That(redriven.Output, Does.StartWith("run 2 goes on: its manifest made again, 30 h after its request\n"));
        Assert.That((anyway.ExitCode, anyway.Output.Split('\n')[0]), Is.EqualTo((0, "run 2 is published as it is, 30 h after its request")), anyway.Errors);
    }

    [Test]
    public async Task Discard_EndsAHeldRun_AndRefusesOthers()
    {
        await using var installation = await PublishedAsync();
        await installation.Source.ExecuteAsync("DELETE FROM facility WHERE id > 70");
        await installation.RunAsync("publish", "facility");

        var discarded = await installation.RunAsync("discard", "2", "--reason", "a bad import");
        var refused = await installation.RunAsync("discard", "1");
        var missing = await installation.RunAsync("discard", "99");

        Assert.That((discarded.ExitCode, discarded.Output), Is.EqualTo((0, "run 2 is discarded; nothing of it was published\n")), discarded.Errors);
        Assert.That((refused.ExitCode, refused.Errors), Is.EqualTo((1, "error: run 1 is published: only a held run can be discarded\n")));
        Assert.That((missing.ExitCode, missing.Errors), Is.EqualTo((1, "error: there is no run 99: ./run status lists the runs\n")));
    }

    [Test]
    public async Task Rejects_ListsWhatARunLeftOut_AsJsonLines()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 100));
        await installation.Source.ExecuteAsync("UPDATE facility SET country = 'Atlantis' WHERE id = 17; UPDATE facility SET street_address = ' ' WHERE id = 18; UPDATE facility SET phone = 'ask for \"Joe\"' WHERE id = 19");

        var published = await installation.RunAsync("publish", "facility", "--json");
        var rejects = await installation.RunAsync("rejects", "1");
        var warnings = await installation.RunAsync("rejects", "1", "--warnings");
        var none = await installation.RunAsync("rejects", "7");

        Assert.That(published.ExitCode, Is.Zero, published.Errors);
        Assert.That(published.Errors, Does.Contain("run 1 rejected: country_unknown 1, street_address_missing 1\nrun 1 warned: telephone_unusable 1\n"));
        var json = JsonDocument.Parse(published.Output).RootElement;
        Assert.That((json.GetProperty("records").GetInt64(), json.GetProperty("rowsRead").GetInt64(), json.GetProperty("rejected").GetInt64(), json.GetProperty("warnings").GetInt64()), Is.EqualTo((98L, 100L, 2L, 1L)));
        Assert.That(rejects.Output, Is.EqualTo("""
            {"run":1,"chunk":1,"id":17,"field":"country","reason":"country_unknown","value":"Atlantis"}
            {"run":1,"chunk":1,"id":18,"field":"street_address","reason":"street_address_missing","value":" "}

            """.ReplaceLineEndings("\n")), rejects.Errors);
        Assert.That((rejects.ExitCode, rejects.Errors), Is.EqualTo((0, "run 1: 2 of 2 rejected records are kept, at most 10,000\n")));
        Assert.That(warnings.Output, Is.EqualTo("""{"run":1,"chunk":1,"id":19,"field":"telephone","reason":"telephone_unusable","value":"ask for \"Joe\""}""" + "\n"), warnings.Errors);
        Assert.That((none.ExitCode, none.Errors), Is.EqualTo((1, "error: there is no run 7: ./run status lists the runs\n")));
    }

    /// <summary>With run 1 published: 100 records in three chunks.</summary>
    private static async Task<Installation> PublishedAsync()
    {
        var installation = await Installation.CreateAsync(Facilities.Numbered(1, 100));
        installation.Settings["CHUNK_SIZE"] = "34";
        var published = await installation.RunAsync("publish", "facility");
        Assert.That(published.ExitCode, Is.Zero, published.Errors);
        return installation;
    }
}
