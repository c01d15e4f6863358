using FacilityFeed.Domain.Runs;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class DiffCommandTests
{
    private Installation _installation = null!;

    [SetUp]
    public async Task PublishAsync()
    {
        _installation = await Installation.CreateAsync(Facilities.Numbered(1, 50));
        _installation.Settings["CHUNK_SIZE"] = "10";
        Assert.That((await _installation.RunAsync("publish", "facility")).ExitCode, Is.Zero);
    }

    [TearDown]
    public async Task RemoveAsync() => await _installation.DisposeAsync();

    [Test]
    public async Task Diff_ShowsWhatAHeldRunChanges_AgainstTheLastPublishedOne()
    {
        _installation.Settings["CHUNK_SIZE"] = "7";
        await _installation.Source.ExecuteAsync("""
            DELETE FROM facility WHERE id BETWEEN 3 AND 14;
            UPDATE facility SET phone = '+49301900', url = NULL WHERE id = 20;
            INSERT INTO facility (id, name, country, locality, street_address, postal_code) VALUES (1001, 'Neu', 'DE', 'Berlin', 'Torstraße 1', '10115');
            """);
        var held = await _installation.RunAsync("publish", "facility");

        var text = await _installation.RunAsync("diff", "2");
        var json = await _installation.RunAsync("diff", "2", "1", "--json");
        var back = await _installation.RunAsync("diff", "1", "2");

        Assert.That((held.ExitCode, text.ExitCode, json.ExitCode, back.ExitCode), Is.EqualTo((3, 0, 0, 0)), text.Errors + json.Errors);
        Assert.That(text.Output, Is.EqualTo("""
            run 2 (held) against run 1 (published): 1 added, 12 removed, 1 changed, 37 the same
            + 1001 Neu
            - 3 Studio 3
            - 4 Studio 4
            - 5 Studio 5
            - 6 Studio 6
            - 7 Studio 7
            - 8 Studio 8
            - 9 Studio 9
            - 10 Studio 10
            - 11 Studio 11
            - 12 Studio 12
            ... and 2 more removed
            ~ 20 telephone: "+49301000020" -> "+49301900"; url: "https://studio20.example" -> none

            """));
        Assert.That(json.Output, Does.StartWith("""{"run":2,"state":"held","against":1,"against_state":"published","added":1,"removed":12,"changed":1,"same":37,"added_samples":[{"entity_id":"1001","label":"Neu"}],"removed_samples":[{"entity_id":"3",""")
            .And.Contain("""'changed_samples':[{'entity_id':'20','members':[{'member':'telephone',""".Replace('\'', '"')).And.EndsWith("]}\n"));
        Assert.That(back.Output, Does.StartWith("run 1 (published) against run 2 (held): 12 added, 1 removed, 1 changed, 37 the same\n"));
    }

    [Test]
    public async Task Diff_TakesARunHeldForAnEmptySource()
    {
        await _installation.Source.ExecuteAsync("DELETE FROM facility");
        await _installation.RunAsync("publish", "facility");

        var result = await _installation.RunAsync("diff", "2");

        Assert.That(result.Output, Does.StartWith("run 2 (held) against run 1 (published): 0 added, 50 removed, 0 changed, 0 the same\n"), result.Errors);
    }

    [Test]
    public async Task Diff_ComparesRunsOfOtherSettings_ForTheyAreWhyARunIsHeld()
    {
        await _installation.Source.ExecuteAsync("UPDATE facility SET country = 'Atlantis' WHERE id <= 20");
        _installation.Settings["Feeds__facility__Validation"] = "off";
        _installation.Settings["Feeds__facility__Compression"] = "none";
        await _installation.RunAsync("publish", "facility");
        _installation.Settings["Feeds__facility__Validation"] = "strict";
        var held = await _installation.RunAsync("publish", "facility");

        var result = await _installation.RunAsync("diff", "3");

        Assert.That(held.ExitCode, Is.EqualTo(3), held.Errors);
        Assert.That(result.Output, Does.StartWith("run 3 (held) against run 2 (published): 0 added, 20 removed, 0 changed, 30 the same\n"), result.Errors);
    }

    [Test]
    public async Task Diff_SaysWhyNot_WhenRunsCannotBeCompared()
    {
        await _installation.State.ExecuteAsync($"""
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, writer) VALUES
                ('facility', 'n', '', 'skipped', 'test', 'skipped', {Protocol.Number}),
                ('facility', 'n', 'another table', 'held', 'test', 'held', {Protocol.Number}),
                ('studios', 'n', '', 'other', 'test', 'held', {Protocol.Number})
            """);

        await AssertRefusedAsync("no run of feed facility was published before run 1: name the run to compare it with, ./run diff 1 RUN", "1");
        await AssertRefusedAsync("there is no run 99", "99");
        await AssertRefusedAsync("there is no run 98", "1", "98");
        await AssertRefusedAsync("run 2 is skipped and not all of its chunks are done", "2");
        await AssertRefusedAsync("run 3 was made as another table, but feed facility is configured to be in ", "3");
        await AssertRefusedAsync("run 1 is of feed facility, but run 4 of feed studios", "1", "4");

        File.Delete(Directory.GetFiles(_installation.StorePath, "*_0003.json.gz").Single());
        await AssertRefusedAsync("_0003.json.gz cannot be read: it is not in the store", "1", "1");
        _installation.Settings["LOCAL_STORAGE_PATH"] = _installation.Folder.File("elsewhere");
        await AssertRefusedAsync("run 1 was made as facility of ", "1", "1");
    }

    [Test]
    public async Task Diff_StartsNothing_WhenNothingRanEver()
    {
        await using var bare = Installation.Bare();

        var result = await bare.RunAsync("diff", "1");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Errors, Does.StartWith("error: there is no state database in "));
        Assert.That(bare.Folder.File("data"), Does.Not.Exist);
    }

    private async Task AssertRefusedAsync(string why, params string[] runs)
    {
        var result = await _installation.RunAsync(["diff", .. runs]);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")), result.Errors);
        Assert.That(result.Errors, Does.StartWith("error: ").And.Contain(why));
    }
}
