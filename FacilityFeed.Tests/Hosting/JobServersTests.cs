using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Hosting;

public sealed class JobServersTests
{
    /// <summary>Hangfire counts the failures of all workers of a server together and lets them sleep for the square of it: the eighth of eight for a minute.</summary>
    [Test]
    public async Task AllWorkers_AskTheStateDatabaseAgainWithinSeconds_HoweverManyOfThemItFailed()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 1), settings: ("Feeds:facility:Workers", "8"));
        // A sequence counts also what is rolled back.
        await host.State.ExecuteAsync("""
            CREATE SEQUENCE hangfire.tries;
            CREATE FUNCTION hangfire.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''hangfire.tries''); RAISE EXCEPTION ''away''; END';
            CREATE TRIGGER refuse BEFORE UPDATE ON hangfire.jobqueue FOR EACH STATEMENT EXECUTE FUNCTION hangfire.refuse();
            """);

        host.StartWorkers();

        await Until.TrueAsync(async () => await host.State.ScalarAsync<long>("SELECT last_value FROM hangfire.tries") >= 25, TimeSpan.FromSeconds(25), "each of ten workers to ask twice or more");
    }
}
