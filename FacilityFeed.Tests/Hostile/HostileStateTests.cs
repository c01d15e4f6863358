using FacilityFeed.Domain;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Tests.Settings;
using Npgsql;

namespace FacilityFeed.Tests.Hostile;

/// <summary>A state database that breaks its protocol, or never comes to an end.</summary>
public sealed class HostileStateTests
{
    [Test]
    public async Task TheStateDatabase_IsSortedToo()
    {
        var random = new Random(14);
        await using var server = new HostileServer(async talk =>
        {
            byte[] answer;
            lock (random)
            {
                answer = Mutation.Random(random, 600);
            }

            await HostilePostgres.StartAsync(talk);
            await talk.SayAsync(answer);
        });
        var settings = Configured.With(("State:ConnectionString", Connection(server)), ("Source:Database", "d"), ("Source:User", "u"));

        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) =>
            await Assert.CatchAsync<FeedException>(() => Databases.OpenAsync(settings, new Patience(TimeProvider.System, limit: TimeSpan.Zero), CancellationToken.None)));
        NpgsqlConnection.ClearAllPools();
    }

    [Test]
    public async Task AServerThatTrickles_EndsTheLookAtItsTables()
    {
        await using var server = new HostileServer(async talk =>
        {
            await HostilePostgres.LetInAsync(talk);
            await talk.TrickleAsync(HostilePostgres.Notice("a"), TimeSpan.FromMilliseconds(100));
        });
        await using var state = NpgsqlDataSource.Create(Connection(server));

        var failure = await Assert.CatchAsync<FeedException>(() => LedgerMigrator.MigrateAsync(state, Connection(server), _ => { }, CancellationToken.None, TimeSpan.FromSeconds(1)).WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.That(failure!.Message, Does.Contain("came to no end").And.Contain("'state' at 127.0.0.1"));
    }

    private static string Connection(HostileServer server) => $"Host=127.0.0.1;Port={server.Port};Database=state;Username=feed;Password=x";
}
