using FacilityFeed.Tests.Faults.Lab;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.Storage;
using Npgsql;

namespace FacilityFeed.Tests.Hosting;

/// <summary>A lock of Hangfire's that nobody holds keeps nobody waiting.</summary>
public sealed class OwnedLocksTests
{
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(20);

    private TestDatabase _state = null!;
    private LossyLine _line = null!;
    private TestHost _host = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        _state = await TestDatabase.CreateAsync();
        var through = new NpgsqlConnectionStringBuilder(_state.ConnectionString);
        _line = LossyLine.To(Path.Combine(through.Host!, ".s.PGSQL.5432"));
        (through.Host, through.Port) = ("127.0.0.1", _line.Port);
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 1), settings: ("State:ConnectionString", through.ConnectionString));
    }

    [TearDown]
    public async Task EndAsync()
    {
        await _host.DisposeAsync();
        await _line.DisposeAsync();
        await _state.DisposeAsync();
    }

    [Test]
    public void ItsTaker_HasItAtOnce_WhenTheReplyToTheInsertIsLost()
    {
        // By whichever of the two ways it is written.
        _line.Lose(("INSERT INTO \"hangfire\".\"lock\"", 2));
        _line.LoseAlso(("INSERT INTO \"hangfire\".lock", 2));
        using var connection = Connect();
        using var first = connection.AcquireDistributedLock("first", TimeSpan.Zero);

        Assert.That(() => connection.AcquireDistributedLock("second", TimeSpan.FromSeconds(5)).Dispose(), Throws.Nothing);
        Assert.That(_line.Lost, Is.EqualTo(1));
    }

    [Test]
    public async Task ItGoes_AsSoonAsTheDatabaseHearsIt_WhenItsReleaseWasNotHeard()
    {
        using var connection = Connect();
        var held = connection.AcquireDistributedLock("job", TimeSpan.Zero);

        await _state.ExecuteAsync("ALTER TABLE hangfire.lock RENAME TO away");
        held.Dispose();
        await _state.ExecuteAsync("ALTER TABLE hangfire.away RENAME TO lock");

        await Until.TrueAsync(async () => await CountAsync() == 0, _soon, "the lock to go");
    }

    [Test]
    public async Task ItStaysNobodys_WhenItsTakerHeardOnlyFailures()
    {
        _line.LoseAlso(("INSERT INTO \"hangfire\".lock", 1));
        using var connection = Connect();

        Assert.That(() => connection.AcquireDistributedLock("job", TimeSpan.FromSeconds(5)), Throws.InstanceOf<NpgsqlException>());
        await Until.TrueAsync(async () => await CountAsync() == 0, _soon, "the lock to go");
    }

    [Test]
    public async Task OneHolderMayTakeItTwice_AndAnotherOnlyAfterwards()
    {
        using var connection = Connect();
        using var other = Connect();
        var outer = connection.AcquireDistributedLock("job", TimeSpan.Zero);
        connection.AcquireDistributedLock("job", TimeSpan.Zero).Dispose();

        Assert.That(() => other.AcquireDistributedLock("job", TimeSpan.FromMilliseconds(300)), Throws.InstanceOf<DistributedLockTimeoutException>());
        outer.Dispose();
        outer.Dispose();
        using var theirs = other.AcquireDistributedLock("job", TimeSpan.Zero);
        Assert.That(await CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task ItIsTakenOver_AfterItsLease_AndStaysWithWhoTookIt()
    {
        using var connection = Connect();
        using var other = Connect();
        var old = connection.AcquireDistributedLock("job", TimeSpan.Zero);
        await _state.ExecuteAsync("UPDATE hangfire.lock SET acquired = now() - interval '59 seconds'");
        Assert.That(() => other.AcquireDistributedLock("job", TimeSpan.Zero), Throws.InstanceOf<DistributedLockTimeoutException>(), "within the lease");

        await _state.ExecuteAsync("UPDATE hangfire.lock SET acquired = now() - interval '61 seconds'");
        using var theirs = other.AcquireDistributedLock("job", TimeSpan.Zero);
        old.Dispose();

        Assert.That(await CountAsync(), Is.EqualTo(1), "released by whose it was before");
    }

    private IStorageConnection Connect() => _host.Get<JobStorage>().GetConnection();

    private Task<long> CountAsync() => _state.ScalarAsync<long>("SELECT count(*) FROM hangfire.lock");
}
