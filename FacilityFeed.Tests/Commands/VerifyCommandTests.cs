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

    private static async Task<Installation> PublishedAsync()
    {
        var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["CHUNK_SIZE"] = "10";
        var published = await installation.RunAsync("publish", "facility");
        Assert.That(published.ExitCode, Is.Zero, published.Errors);
        return installation;
    }
}
