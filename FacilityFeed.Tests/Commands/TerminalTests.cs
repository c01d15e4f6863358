using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>What a person sees at a terminal, and a file gets where there is none.</summary>
public sealed class TerminalTests
{
    private const string Warning = "warn  Run 1 of feed facility: 25 shards, and the partner recommends at most 20: raise ChunkSize";

    [TestCase(80)]
    [TestCase(50)]
    public async Task Publish_KeepsLogLinesAndItsProgressApart(int columns)
    {
        await using var installation = await ManyShardsAsync();

        await using var program = installation.StartAtTerminal(columns, "publish", "facility");
        var result = await program.EndAsync();
        var written = await File.ReadAllTextAsync(installation.Folder.File(ProgramRun.TerminalFile));
        var screen = TerminalScreen.Show(written, columns);

        Assert.That(result.ExitCode, Is.Zero, written + result.Errors);
        Assert.That(written, Does.Contain("\r\u001b[Krun 1 "), "a progress line was drawn");
        // Wrapped as the terminal does it, each line begins at the left and nothing of the progress is left between them.
        Assert.That(string.Concat(screen), Does.Match($@"^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ {Warning}run 1 published: 25 records in 25 chunks, "));
        Assert.That(screen.Where(row => row.StartsWith("run 1 ", StringComparison.Ordinal)), Has.Exactly(1).Items, string.Join("\n", screen));
        Assert.That(string.Concat(screen), Does.EndWith($"next: ./run verify {installation.StorePath}/metadata.json reads the feed back"));
    }

    [Test]
    public async Task Publish_WritesNoControlSequence_WhereThereIsNoTerminal()
    {
        await using var installation = await ManyShardsAsync();

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(result.Errors + result.Output, Does.Not.Contain("\u001b").And.Not.Contain("\r"));
        Assert.That(result.ErrorLines, Has.One.EndsWith(Warning).And.Some.StartsWith("run 1 "));
        Assert.That(result.ErrorLines[^1], Is.EqualTo($"next: ./run verify {installation.StorePath}/metadata.json reads the feed back"));
    }

    [Test]
    public async Task WhatPublishSaysToDoNext_WorksWhenPasted_AlsoWithAnOddFolder()
    {
        await using var installation = await ManyShardsAsync();
        installation.Settings["LOCAL_STORAGE_PATH"] = installation.Folder.File("Joe's feeds $HOME; no");

        var published = await installation.RunAsync("publish", "facility");
        var pasted = published.ErrorLines[^1]["next: ".Length..].Replace(" reads the feed back", "", StringComparison.Ordinal);
        await using var shell = installation.StartShell(pasted);
        var verified = await shell.EndAsync();

        Assert.That(pasted, Does.StartWith("./run verify '"));
        Assert.That(verified.ExitCode, Is.Zero, verified.Output + verified.Errors);
        Assert.That(verified.Output, Does.Contain("metadata.json: ok: 25 shards, 25 records"));
    }

    [Test]
    public async Task ThirtyThreeEqualFailures_AreSaidOnce_AndEveryChunkIsNamed()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 330));
        installation.Settings["CHUNK_SIZE"] = "10";
        // The plan reads the key alone, so that only chunks meet what they may not read.
        await installation.Source.ExecuteAsync("""
            CREATE FUNCTION refuse(name text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'permission denied for table secrets' USING ERRCODE = '42501'; END $$;
            ALTER TABLE facility RENAME TO plain;
            CREATE VIEW facility AS SELECT id, CASE WHEN current_query() LIKE 'COPY%' AND id % 10 = 3 THEN refuse(name) ELSE name END AS name, phone, url, latitude, longitude, country, locality, region, postal_code, street_address FROM plain;
            """);

        var failed = await installation.RunAsync("publish", "facility");
        var one = await installation.RunAsync("status", "1");
        var all = await installation.RunAsync("status");
        var json = await installation.RunAsync("status", "1", "--json");

        Assert.That(failed.ExitCode, Is.EqualTo(1), failed.Errors);
        Assert.That(Count(failed.Errors + failed.Output, "permission denied"), Is.EqualTo(1), failed.Errors);
        Assert.That(failed.Errors, Does.Contain("run 1: 33 chunks failed (1-33): ").And.Not.Contain("run 1 failed").And.EndsWith("next: ./run status 1 shows its chunks\n      ./run redrive 1 lets it go on once that is mended\n"));
        Assert.That(Count(one.Output, "permission denied"), Is.EqualTo(1), one.Output);
        Assert.That(one.Output, Does.Contain("failed, 33 chunks failed (1-33): ").And.Contain("\nchunks 1-33 failed, attempt 1\n"));
        Assert.That(Count(all.Output, "permission denied"), Is.EqualTo(1), all.Output);
        Assert.That(Count(json.Output, "permission denied"), Is.EqualTo(33 + 2), "each chunk's, the run's and the audit trail's");
    }

    /// <summary>One record a shard: more shards than go without a warning.</summary>
    private static async Task<Installation> ManyShardsAsync()
    {
        var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["CHUNK_SIZE"] = "1";
        return installation;
    }

    private static int Count(string text, string sentence) => text.Split(sentence).Length - 1;
}
