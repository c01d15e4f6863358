using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

public sealed class VerifyCommandTests
{
    [Test]
    public async Task Verify_SaysOk_OfManifestAndAlias()
    {
        await using var installation = await PublishedAsync();
        var manifest = installation.Stored().Keys.Single(name => name.EndsWith(".filesetdesc.json", StringComparison.Ordinal));

        var alias = await installation.RunAsync("verify", "data/feeds/metadata.json");
        var itself = await installation.RunAsync("verify", installation.Folder.File("data/feeds/" + manifest));

        Assert.That((alias.ExitCode, itself.ExitCode), Is.EqualTo((0, 0)), alias.Output + itself.Output);
        Assert.That(alias.Output, Does.Contain("data/feeds/metadata.json: ok: 3 shards, 25 records").And.Contain("compared with run 1 in the ledger"));
        Assert.That(itself.Output, Does.Contain($"{manifest}: ok: 3 shards, 25 records"));
    }

    [Test]
    public async Task Verify_Works_WithoutTheLedger()
    {
        await using var installation = await PublishedAsync();
        installation.Settings.Clear();

        var result = await installation.RunAsync("verify", "data/feeds/metadata.json");

        Assert.That(result.ExitCode, Is.Zero, result.Output);
        Assert.That(result.Output, Does.Contain("note: the ledger does not know this feed").And.Contain("ok: 3 shards, 25 records"));
        Assert.That(installation.Folder.File("data/postgres"), Does.Not.Exist);
    }

    [Test]
    public async Task Verify_IsNotOk_WhenThereIsNoSuchFile()
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync("verify", "nowhere/metadata.json");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Output, Does.Contain("nowhere/metadata.json does not exist").And.Contain("NOT OK, 1 problem"));
        Assert.That(result.Errors, Is.Empty);
    }

    [Test]
    public async Task Verify_NamesTheShard_WhenOneIsCutOff()
    {
        await using var installation = await PublishedAsync();
        var shard = Directory.GetFiles(installation.StorePath, "*_0002.json.gz").Single();
        await using (var file = File.OpenWrite(shard))
        {
            file.SetLength(file.Length - 9);
        }

        var result = await installation.RunAsync("verify", "data/feeds/metadata.json");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Output, Does.Contain($"problem: {Path.GetFileName(shard)}").And.Contain("NOT OK"));
    }

    [Test]
    public async Task Verify_GivesALineOfJsonForEachFinding_AndOneForTheWhole()
    {
        await using var installation = await PublishedAsync();
        var shard = Path.GetFileName(Directory.GetFiles(installation.StorePath, "*_0002.json.gz").Single());
        var whole = await installation.RunAsync("verify", "data/feeds/metadata.json", "--json");
        await File.WriteAllBytesAsync(Path.Combine(installation.StorePath, shard), Gzip.Pack("""{"data":[{"entity_id":"11"}]}"""));

        var broken = await installation.RunAsync("verify", "data/feeds/metadata.json", "--json");

        Assert.That((whole.ExitCode, whole.Output.Split('\n')[0], broken.ExitCode), Is.EqualTo((
            0, """{"severity":"note","code":"ledger_compared","object":"metadata.json","message":"compared with run 1 in the ledger"}""", 1)));
        Assert.That(whole.Output.Split('\n')[1], Does.StartWith("""{"result":"ok","shards":3,"records":25,"bytes":""").And.EndsWith(""","problems":0}"""));
        var lines = broken.Output.TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.Some.EqualTo(
            $$"""{"severity":"problem","code":"record_rule:name_missing","object":"{{shard}}","record":1,"entity_id":"11","message":"{{shard}} record 1 (entity_id \u002711\u0027): name is required, but is missing"}"""));
        Assert.That(lines, Has.Some.Contains("shard_length_differs").And.Some.Contains("shard_records_differ"));
        Assert.That(lines[^1], Does.StartWith("""{"result":"not ok","shards":3,"records":16,""").And.EndsWith($$""","problems":{{lines.Count(line => line.Contains("\"severity\":\"problem\"", StringComparison.Ordinal))}}}"""));
    }

    [Test]
    public async Task Verify_GoesOn_WhenTheLedgerCannotEvenBeAskedForTheName()
    {
        await using var installation = await PublishedAsync();
        var alias = Path.Combine(installation.StorePath, "metadata.json");
        await File.WriteAllTextAsync(alias, (await File.ReadAllTextAsync(alias)).Replace("reservewithgoogle.entity\"", "a\\u0000b\"", StringComparison.Ordinal));

        var result = await installation.RunAsync("verify", "data/feeds/metadata.json");

        Assert.That((result.ExitCode, result.Errors), Is.EqualTo((1, "")));
        Assert.That(result.Output, Does.Contain("note: the ledger does not know this feed").And.Contain("name 'a\\u0000b' is no feed's name").And.Contain("25 records"));
    }

    private static async Task<Installation> PublishedAsync()
    {
        var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["CHUNK_SIZE"] = "10";
        var published = await installation.RunAsync("publish", "facility");
        Assert.That(published.ExitCode, Is.Zero, published.Errors);
        return installation;
    }
}
