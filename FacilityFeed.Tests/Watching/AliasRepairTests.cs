using System.Globalization;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Watching;

public sealed class AliasRepairTests
{
    private TestHost _host = null!;
    private RunView _first = null!;
    private RunView _second = null!;

    private string Alias => Path.Combine(_host.StorePath, "metadata.json");

    [OneTimeSetUp]
    public async Task PublishAsync()
    {
        // The watcher of the workers looks at their start, before there is anything to repair.
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), watch: WatchedRun.Soon);
        _first = await _host.PublishAsync();
        _second = await _host.PublishAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [SetUp]
    public async Task ForgetAsync() => await _host.State.ExecuteAsync("DELETE FROM feed.run_event WHERE event = 'repair'");

    [TestCase("missing")]
    [TestCase("older")]
    public async Task AnAlias_IsWrittenAgain_FromTheNewestManifest(string fate)
    {
        File.Delete(Alias);
        if (fate == "older")
        {
            File.Copy(Path.Combine(_host.StorePath, _first.Manifest!), Alias);
        }

        await _host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That(await File.ReadAllTextAsync(Alias), Is.EqualTo(await File.ReadAllTextAsync(Path.Combine(_host.StorePath, _second.Manifest!))));
        Assert.That(await RepairsAsync(), Has.One.Contains("was missing or older"));
    }

    [Test]
    public async Task AnAliasThatIsRight_IsLeft()
    {
        await _host.Get<Watcher>().TickAsync(CancellationToken.None);
        await _host.State.ExecuteAsync("DELETE FROM feed.run_event WHERE event = 'repair'");
        var before = File.GetLastWriteTimeUtc(Alias);

        await _host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That((File.GetLastWriteTimeUtc(Alias), await RepairsAsync()), Is.EqualTo((before, Array.Empty<string>())));
    }

    [TestCase("newer")]
    [TestCase("of another feed")]
    [TestCase("no manifest")]
    public async Task AnAliasThatIsNotOurs_IsLeft(string fate)
    {
        var later = _second.GenerationTimestamp!.Value + 1;
        var bytes = fate switch
        {
            "newer" => new Manifest(later, _second.Name, ["theirs.json"]).ToBytes(),
            "of another feed" => new Manifest(1, "somebody.else", ["theirs.json"]).ToBytes(),
            _ => "{}"u8.ToArray(),
        };
        await File.WriteAllBytesAsync(Alias, bytes);

        await _host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That(await File.ReadAllBytesAsync(Alias), Is.EqualTo(bytes));
        Assert.That(await RepairsAsync(), Is.Empty);
        File.Delete(Alias);
    }

    [Test]
    public async Task AnAlias_IsNotWritten_FromAManifestThatWasChanged()
    {
        File.Delete(Alias);
        var manifest = Path.Combine(_host.StorePath, _second.Manifest!);
        var right = await File.ReadAllTextAsync(manifest);
        await File.WriteAllTextAsync(manifest, right.Replace("_0001", "_9999", StringComparison.Ordinal));

        await _host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That(File.Exists(Alias), Is.False);
        await File.WriteAllTextAsync(manifest, right);
    }

    [Test]
    public async Task AnAlias_IsLeft_WhenTheNewestRunIsALaterBuilds()
    {
        File.Delete(Alias);
        await _host.State.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE feed.run SET writer = 3, protocol = 3 WHERE id = {_second.Id}"));

        await _host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That(File.Exists(Alias), Is.False, "that build may write it otherwise");
        await _host.State.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE feed.run SET writer = 3, protocol = {Protocol.Number} WHERE id = {_second.Id}"));
        await _host.Get<Watcher>().TickAsync(CancellationToken.None);
        Assert.That(File.Exists(Alias), Is.True);
    }

    [Test]
    public async Task AnAlias_IsLeft_WhileARunIsActive()
    {
        File.Delete(Alias);
        await _host.State.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, writer) VALUES ('facility', 'n', 'elsewhere', 'active', 'test', 'planning', {Protocol.Number})"));

        await _host.Get<Watcher>().TickAsync(CancellationToken.None);

        Assert.That(File.Exists(Alias), Is.False);
        await _host.State.ExecuteAsync("DELETE FROM feed.run WHERE run_key = 'active'");
    }

    private async Task<IReadOnlyList<string>> RepairsAsync() =>
        [.. (await _host.Runs.EventsAsync(_second.Id, CancellationToken.None)).Where(line => line.Event == "repair").Select(line => line.Detail!)];
}
