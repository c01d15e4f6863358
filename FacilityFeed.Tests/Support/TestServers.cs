using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Tests.Support;
using Npgsql;

namespace FacilityFeed.Tests;

/// <summary>
/// The real servers of all tests, started once. Without PostgreSQL's programs its tests are skipped with a reason on a
/// laptop, and fail with CI=true.
/// </summary>
[SetUpFixture]
public sealed class TestServers
{
    private static EmbeddedPostgres? _postgres;
    private static TempFolder? _folder;
    private static Exception? _missing;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
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
        NpgsqlConnection.ClearAllPools();
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
