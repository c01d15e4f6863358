using System.Net;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Scheduler.Watching;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace FacilityFeed.Tests.Watching;

/// <summary>What is called hung with the shipped times, on a clock that the test moves; what is waited for is real.</summary>
public sealed class PulseTests
{
    private FakeTimeProvider _time = null!;
    private SemaphoreSlim _beats = null!;
    private TaskCompletionSource<bool> _end = null!;

    [SetUp]
    public void Prepare()
    {
        _time = new FakeTimeProvider();
        _beats = new SemaphoreSlim(0);
        _end = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [TearDown]
    public void CleanUp() => _beats.Dispose();

    [Test]
    public async Task OutsideAWait_TwoMinutesWithoutAMove_AreHung()
    {
        await using var pulse = Begin();
        var work = pulse.WatchAsync(() => _end.Task);

        await PassAsync(TimeSpan.FromMinutes(2), work);
        Assert.That(work.IsCompleted, Is.False);
        await PassAsync(TimeSpan.FromSeconds(10), work);
        Assert.That(work.IsCompleted, Is.True, "it is hung");

        Assert.That((await Assert.ThrowsAsync<FeedException>(() => work))!.Message, Does.StartWith("Run 1 chunk 1: nothing has moved for 2 min, so this attempt is given up"));
    }

    [Test]
    public async Task AStoreWhoseRequestsMayTakeAnHour_IsGivenTheHour()
    {
        using var wire = new SilentWire();
        using var folder = new TempFolder();
        using var connection = new S3Connection(new S3StoreOptions
        {
            Section = "Stores:s3",
            Bucket = "bucket",
            Provider = S3Provider.S3Compatible,
            Endpoint = new Uri("http://s3.example:9000"),
            AccessKeyId = "AKIA",
            SecretAccessKey = "secret",
            RequestTimeout = TimeSpan.FromSeconds(3600),
        }, wire, triesAgain: false);
        await using var pulse = Begin();
        var work = pulse.WatchAsync(() => new S3FeedStore(connection, "", Guid.Empty, folder.Path).HoldsAsync(new StoredObject("a", 1, "b"), pulse.Token));
        await wire.Asked.Task;

        await PassAsync(TimeSpan.FromMinutes(60), work);
        Assert.That(work.IsCompleted, Is.False, "it may take so long");
        await PassAsync(TimeSpan.FromMinutes(1), work);

        Assert.That((await Assert.ThrowsAsync<FeedException>(() => work))!.Message,
            Does.StartWith("Run 1 chunk 1: it has waited 60.67 min for an answer of s3.example:9000 to HEAD, which may take 60 min, so this attempt is given up"));
    }

    [Test]
    public async Task ARowThatDoesNotCome_IsHung_OnceItsStatementMustBeOver()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Gated(5));
        await using var gate = await ReadGate.CloseAsync((TestDatabase)source.Database);
        await using var pulse = Begin();
        var work = pulse.WatchAsync(async () =>
        {
            await using var rows = await source.Source.OpenChunkAsync(new ChunkRange(1, 1, 5, 5), "run 1 chunk 1", pulse.Token);
            return (await TestSource.ReadAsync(rows, pulse.Token)).Count;
        });
        await ReadGate.WaitForReaderAsync((TestDatabase)source.Database);

        await AssertHungAsync(work, $"for rows of the {source.Database.SourceOptions.Where}, which may take 5.5 min");
    }

    [Test]
    public async Task APlansStatement_IsHung_OnceItMustBeOver()
    {
        await using var source = await TestSource.CreateAsync(Facilities.Numbered(1, 5));
        await using var locked = await ((TestDatabase)source.Database).Connect.OpenConnectionAsync();
        await using var transaction = await locked.BeginTransactionAsync();
        await using var take = new NpgsqlCommand("LOCK TABLE facility", locked);
        await take.ExecuteNonQueryAsync();
        await using var pulse = Begin();
        var work = pulse.WatchAsync(() => source.Source.OpenKeysAsync(pulse.Token));
        await Until.TrueAsync(async () => await source.Database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0, TimeSpan.FromSeconds(30), "the plan to wait");

        await AssertHungAsync(work, $"for an answer of the {source.Database.SourceOptions.Where} to one statement, which may take 5.5 min");
    }

    [Test]
    public async Task ALedgerThatDoesNotAnswer_HidesNoHungWork()
    {
        await using var pulse = new Pulse("Run 1 chunk 1", async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return true;
        }, look: null, WatchTimes.Shipped, _time, NullLogger.Instance, CancellationToken.None);
        var work = pulse.WatchAsync(() => _end.Task);

        await Until.TrueAsync(() =>
        {
            _time.Advance(WatchTimes.Shipped.Beat);
            return Task.FromResult(work.IsCompleted);
        }, TimeSpan.FromSeconds(20), "the hung work to be given up");

        Assert.That((await Assert.ThrowsAsync<FeedException>(() => work))!.Message, Does.Contain("nothing has moved for 2 min"));
    }

    private async Task AssertHungAsync<T>(Task<T> work, string what)
    {
        // A statement may take 300 s, and its answer 30 s more; then there is a margin of 30 s.
        await PassAsync(TimeSpan.FromSeconds(340), work);
        Assert.That(work.IsCompleted, Is.False, "it may take so long");
        await PassAsync(TimeSpan.FromSeconds(30), work);
        Assert.That(work.IsCompleted, Is.True, "it is hung");

        Assert.That((await Assert.ThrowsAsync<FeedException>(() => work))!.Message, Does.StartWith("Run 1 chunk 1: it has waited ").And.Contain(what));
    }

    private Pulse Begin() => new("Run 1 chunk 1", _ =>
    {
        _beats.Release();
        return Task.FromResult(true);
    }, look: null, WatchTimes.Shipped, _time, NullLogger.Instance, CancellationToken.None);

    /// <summary>Moves the clock from beat to beat, until the work ends.</summary>
    private async Task PassAsync(TimeSpan time, Task work)
    {
        for (var beats = time / WatchTimes.Shipped.Beat; beats > 0 && !work.IsCompleted; beats--)
        {
            _time.Advance(WatchTimes.Shipped.Beat);
            await Task.WhenAny(_beats.WaitAsync(), work);
        }
    }

    /// <summary>Stands for a store that takes a request and says nothing.</summary>
    private sealed class SilentWire : HttpMessageHandler
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.NotFound);
        }
    }
}
