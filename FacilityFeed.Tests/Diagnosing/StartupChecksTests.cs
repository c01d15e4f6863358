using System.Collections.Concurrent;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Scheduler.Diagnosing;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests.Diagnosing;

/// <summary>What a service says while it starts, of what would make its next run fail.</summary>
public sealed class StartupChecksTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    private FakeTimeProvider _time = null!;

    [Test]
    public async Task AllIsWell_IsOneLine_AndNothingIsLookedAtAgain()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await checks.ExecuteTask!.WaitAsync(_deadline);

        Assert.That(log.Texts, Is.EqualTo(new[] { "Information Checks at start: 4 of 4 ok" }));
        Assert.That(Directory.GetFileSystemEntries(host.StorePath), Is.Empty);
    }

    [Test]
    public async Task WhatIsWrong_IsSaidOnce_AndThatItIsWellAgain()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), settings: [("Feeds:facility:Table", "studios")]);
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await SaysAsync(log, "Checks at start: 3 of 4 ok");
        for (var minutes = 0; minutes < 10; minutes++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        await host.Source.ExecuteAsync("ALTER TABLE facility RENAME TO studios");
        await AdvanceUntilAsync(log, "is well now");
        await checks.ExecuteTask!.WaitAsync(_deadline);

        Assert.That(log.Texts, Has.Count.EqualTo(3), string.Join('\n', log.Texts));
        Assert.That(log.Texts, Has.One.StartsWith("Warning source of feed facility: ").And.One.Contains("studios in "));
        Assert.That(log.Texts[^1], Does.StartWith("Information source of feed facility is well now: studios in ").And.Contain("25 rows"));
    }

    [Test]
    public async Task AWarning_IsSaid_AndNotLookedAtAgain()
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable, settings: [("Feeds:facility:Cron", "0 3 1 * 1")]);
        await host.Get<FeedLedger>().TryPauseAsync("facility", "ops");
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await checks.ExecuteTask!.WaitAsync(_deadline);

        Assert.That(log.Texts.Where(text => text.StartsWith("Warning schedule of feed facility: ", StringComparison.Ordinal)).Select(text => text[35..]), Is.EquivalentTo(new[]
        {
            $"paused since {(await host.Get<FeedLedger>().ListPausesAsync(CancellationToken.None))[0].PausedAt:yyyy-MM-dd HH:mm:ss} (UTC), by ops, so it starts no run: ./run resume facility lets it again",
            "'0 3 1 * 1' starts runs only on days that match both its day of the month (1) and its weekday (1), though cron elsewhere takes days that match either: put * in one of the two, unless both is meant",
        }));
        Assert.That(log.Texts, Has.One.Contains("has no rows, so a run would be held").And.One.EqualTo("Information Checks at start: 2 of 4 ok: ./run doctor makes them again"));
    }

    [Test]
    public async Task ATableTooLargeForItsChunkSize_IsSaid_AsTheNextPlanWillSayIt()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25), chunkSize: 2, settings: [("Feeds:facility:MaxChunks", "20"), ("Feeds:facility:Guard:MaxShards", "5")]);
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await checks.ExecuteTask!.WaitAsync(_deadline);

        Assert.That(log.Texts, Has.One.EqualTo($"Warning source of feed facility: {Planning.ChunkLimitTests.Raised}"));
    }

    [Test]
    public async Task AFolderThatOthersMayWriteTo_IsSaid()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        Directory.CreateDirectory(host.StorePath);
        File.SetUnixFileMode(host.StorePath, File.GetUnixFileMode(host.StorePath) | UnixFileMode.OtherWrite);
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await checks.ExecuteTask!.WaitAsync(_deadline);

        Assert.That(log.Texts, Has.One.StartsWith($"Warning store of feed facility: every user of this machine may write to {host.StorePath} (mode 07").And.One.StartsWith("Information Checks at start: 3 of 4 ok"));
    }

    [Test]
    public async Task WhatIsWrongWithAStoreOfSeveralFeeds_IsSaidOnce()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings: [("Stores:local:Path", "/proc/feeds"), ("Feeds:studios:Name", "studios"), ("Feeds:studios:ChunkSize", "10"), ("Feeds:studios:Prefix", "studios")]);
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await SaysAsync(log, "Checks at start: 4 of 5 ok");
        await checks.StopAsync(CancellationToken.None);

        Assert.That(log.Texts.Where(text => text.StartsWith("Warning ", StringComparison.Ordinal)), Has.One.Items.And.All.StartsWith("Warning store of feeds facility, studios: "));
    }

    [Test]
    public async Task FeedsOfOneTable_HaveOneSource()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings:
        [
            ("Feeds:facility:Table", "gone"), ("Feeds:action:Table", "gone"), ("Feeds:action:ChunkSize", "10"), ("Feeds:action:Type", "action"), ("Feeds:action:Prefix", "action"),
            ("Feeds:action:UrlTemplate", "https://example.com/{id}"), ("Feeds:action:ActionKind", "dining"),
        ]);
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await SaysAsync(log, "Checks at start: 4 of 5 ok");
        await checks.StopAsync(CancellationToken.None);

        Assert.That(log.Texts, Has.One.StartsWith("Warning source of feeds action, facility: "));
    }

    [Test]
    public async Task TwoServices_DoNotDisturbEachOther()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 25));
        var log = new Lines();
        using var one = Checks(host, log);
        using var other = Checks(host, log);

        await Task.WhenAll(one.StartAsync(CancellationToken.None), other.StartAsync(CancellationToken.None));
        await Task.WhenAll(one.ExecuteTask!, other.ExecuteTask!).WaitAsync(_deadline);

        Assert.That(log.Texts, Has.Count.EqualTo(2).And.All.Contains("Checks at start: 4 of 4 ok"));
    }

    [Test]
    public async Task TheProbeOfAKilledProcess_IsRemoved_AndNoOthers()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        var now = DateTimeOffset.UtcNow;
        string[] others = [$".doctor-{now.AddMinutes(-59):yyyyMMddHHmmss}-other.json", ".doctor-notes.txt", "doctor-20200101000000-a.json", "reservewithgoogle.entity-1_0001.json.gz"];
        Directory.CreateDirectory(host.StorePath);
        foreach (var name in others.Append($".doctor-{now.AddMinutes(-61):yyyyMMddHHmmss}-killed.json"))
        {
            await File.WriteAllTextAsync(Path.Combine(host.StorePath, name), "x");
        }

        using var checks = Checks(host, new Lines());
        await checks.StartAsync(CancellationToken.None);
        await checks.ExecuteTask!.WaitAsync(_deadline);

        Assert.That(Directory.GetFiles(host.StorePath, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }).Select(Path.GetFileName), Is.EquivalentTo(others));
    }

    [Test]
    public async Task AServiceThatIsStopped_LeavesNoProbeBehind()
    {
        var server = await TestServers.CephAsync();
        await using var gateway = await FaultyGateway.StartAsync(server.Endpoint);
        var bucket = await server.NewBucketAsync();
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5), settings:
        [
            ("Stores:s3:Bucket", bucket.Bucket), ("Stores:s3:Endpoint", gateway.Address.AbsoluteUri), ("Stores:s3:AccessKeyId", bucket.AccessKeyId!), ("Stores:s3:SecretAccessKey", bucket.SecretAccessKey!),
        ]);
        using var checks = Checks(host, new Lines());
        var stopped = new TaskCompletionSource();
        var removed = 0;
        gateway.Faults = (number, method, path) =>
        {
            removed += method == HttpMethod.Delete && path.Contains("/.doctor-", StringComparison.Ordinal) ? 1 : 0;
            if (method == HttpMethod.Get && path.Contains("/.doctor-", StringComparison.Ordinal))
            {
                // It is stored, and just being read back.
                _ = Task.Run(async () =>
                {
                    await checks.StopAsync(CancellationToken.None);
                    stopped.TrySetResult();
                });
                return GatewayFault.Slow;
            }

            return GatewayFault.None;
        };

        await checks.StartAsync(CancellationToken.None);
        await stopped.Task.WaitAsync(_deadline);

        using var connection = new S3Connection(bucket);
        Assert.That((removed, (await connection.Client.ListObjectsV2Async(new() { BucketName = bucket.Bucket })).S3Objects ?? []), Is.EqualTo((1, Array.Empty<object>())));
    }

    [Test]
    public async Task AFailureOfTheChecksThemselves_IsSaid_AndEndsNothing()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 5));
        await host.Get<Databases>().DisposeAsync();
        var log = new Lines();
        using var checks = Checks(host, log);

        await checks.StartAsync(CancellationToken.None);
        await checks.ExecuteTask!.WaitAsync(_deadline);

        Assert.That(log.Texts, Has.One.EqualTo("Warning The check of state database broke off; the service goes on"));
        Assert.That(log.Texts, Has.One.StartsWith("Information Checks at start: 1 of 4 ok"));
    }

    private StartupChecks Checks(TestHost host, Lines log)
    {
        // Begins with the databases' time, for a clock that differs is a finding.
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        return new StartupChecks(host.Get<ServiceSettings>(), host.Get<Databases>(), _time, log);
    }

    private static Task SaysAsync(Lines log, string text) => Until.TrueAsync(() => Task.FromResult(log.Texts.Any(said => said.Contains(text, StringComparison.Ordinal))), _deadline, $"'{text}' in\n{string.Join('\n', log.Texts)}");

    private Task AdvanceUntilAsync(Lines log, string text) => Until.TrueAsync(() =>
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        return Task.FromResult(log.Texts.Any(said => said.Contains(text, StringComparison.Ordinal)));
    }, _deadline, $"'{text}'");

    private sealed class Lines : ILogger<StartupChecks>
    {
        private readonly ConcurrentQueue<string> _texts = new();

        public IReadOnlyList<string> Texts => [.. _texts];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _texts.Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}
