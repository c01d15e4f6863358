using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests;

/// <summary>
/// The real servers of all tests, each started once. Without a server's programs its tests are skipped with a reason on a
/// laptop, and fail with CI=true.
/// </summary>
[SetUpFixture]
public sealed class TestServers
{
    // Many a filter runs no test that needs it.
    private static readonly Lazy<Task<MariaDbServer?>> _mariaDb = new(() => MariaDbServer.StartAsync());

    private static EmbeddedPostgres? _postgres;
    private static TempFolder? _folder;
    private static Exception? _missing;
    private static Lazy<Task<CephServer>>? _ceph;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // Some tests block threads on purpose, which must not hold up the others.
        ThreadPool.SetMinThreads(32, 32);
        _folder = new TempFolder();
        _ceph = new Lazy<Task<CephServer>>(() => CephServer.StartAsync());
        try
        {
            _postgres = await EmbeddedPostgres.StartAsync(_folder.Path, CancellationToken.None);
        }
        catch (Domain.FeedRejectedException missing)
        {
            _missing = missing;
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_ceph is { IsValueCreated: true } && _ceph.Value.IsCompletedSuccessfully)
        {
            await (await _ceph.Value).DisposeAsync();
        }

        NpgsqlConnection.ClearAllPools();
        if (_mariaDb.IsValueCreated && _mariaDb.Value.IsCompletedSuccessfully && await _mariaDb.Value is { } mariaDb)
        {
            await mariaDb.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        _folder?.Dispose();
    }

    /// <summary>The PostgreSQL of the tests: the class that the service uses.</summary>
    public static EmbeddedPostgres Postgres
    {
        get
        {
            if (_postgres is null)
            {
                Missing(_missing?.Message ?? "the embedded PostgreSQL was not started");
            }

            return _postgres!;
        }
    }

    /// <summary>Connection string of the superuser of <see cref="Postgres"/>, for what its databases' owner may not do.</summary>
    public static string Superuser(string database) => Embedded.EmbeddedServers.Superuser(Home, database);

    /// <summary>The folder of its programs.</summary>
    public static Task<string> ToolsAsync() => Embedded.EmbeddedServers.AskAsync<string>(Superuser("postgres"), "SELECT setting FROM pg_config WHERE name = 'BINDIR'");

    /// <summary>Names the process of <see cref="Postgres"/>.</summary>
    public static string PidFile => Path.Combine(Home, "cluster", "postmaster.pid");

    private static string Home => _folder!.File("postgres");

    public static async Task<MariaDbServer> MariaDbAsync() => Found(await _mariaDb.Value);

    /// <summary>Skips the test when there is no server.</summary>
    public static MariaDbServer Found(MariaDbServer? server)
    {
        if (server is null)
        {
            Missing("MariaDB's server programs (mariadbd, mariadb-install-db) are not on this machine. Install them (Debian, Ubuntu: apt-get install mariadb-server)");
        }

        return server!;
    }

    /// <summary>The S3 server of the tests, started when the first test asks for it.</summary>
    public static Task<CephServer> CephAsync()
    {
        if (CephServer.Missing() is { } reason)
        {
            Missing(reason);
        }

        return _ceph!.Value;
    }

    /// <summary>Skips the test on a laptop; fails it with CI=true.</summary>
    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }

        Assert.Ignore(reason);
    }
}
