using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Ledger.Attempts;
using Hangfire;
using Hangfire.Storage.Monitoring;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>The job servers, of any process on this state, that said a moment ago that they live, and are not known to be gone.</summary>
public sealed class LivingServers(JobStorage storage, Databases databases)
{
    /// <summary>A server beats every 10 seconds; one that has missed three is not counted on.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(35);

    /// <summary>The queues that somebody works on.</summary>
    public IReadOnlySet<string> Queues() => All(Now()).SelectMany(server => server.Queues).ToHashSet(StringComparer.Ordinal);

    /// <summary>Who works on a queue, and how many seconds ago it last said so; for people.</summary>
    public string Describe(string queue)
    {
        var now = Now();
        return string.Join(", ", All(now).Where(server => server.Queues.Contains(queue)).Select(server => $"{PlaceOf(server.Name)}, last seen {(now - server.Heartbeat!.Value).TotalSeconds:0} s ago"));
    }

    /// <summary>The process that runs a server; for people.</summary>
    /// <param name="name">Hangfire's name of it, made of our own (machine and queue), the process id and a number; another one is shown as it is.</param>
    public static string PlaceOf(string name) => JobServerName.Parse(name) is var (machine, pid) ? $"process {pid} on {machine}" : name;

    private IEnumerable<ServerDto> All(DateTime now) => storage.GetMonitoringApi().Servers().Where(server => server.Heartbeat > now - _silence && !JobServerName.IsOfTheDead(server.Name));

    // The database's clock, by which the servers beat: ours may differ, and everybody would look dead.
    private DateTime Now()
    {
        using var command = databases.State.CreateCommand("SELECT now()");
        return (DateTime)command.ExecuteScalar()!;
    }
}
