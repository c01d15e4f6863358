using Hangfire;
using Hangfire.Storage.Monitoring;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>The job servers, of any process on this state, that said a moment ago that they live.</summary>
public sealed class LivingServers(JobStorage storage, TimeProvider time)
{
    /// <summary>A server beats every 10 seconds; one that has missed three is not counted on.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(35);

    /// <summary>The queues that somebody works on.</summary>
    public IReadOnlySet<string> Queues() => All().SelectMany(server => server.Queues).ToHashSet(StringComparer.Ordinal);

    /// <summary>Who works on a queue, and how many seconds ago it last said so; for people.</summary>
    public string Describe(string queue) => string.Join(", ", All().Where(server => server.Queues.Contains(queue))
        .Select(server => $"{Place(server.Name)}, last seen {(time.GetUtcNow().UtcDateTime - server.Heartbeat!.Value).TotalSeconds:0} s ago"));

    // Hangfire makes the name of our own (machine and queue), the process id and a number.
    private static string Place(string name) => name.Split(':') is [var machine, _, var process, ..] ? $"process {process} on {machine}" : name;

    private IEnumerable<ServerDto> All()
    {
        var since = time.GetUtcNow().UtcDateTime - _silence;
        return storage.GetMonitoringApi().Servers().Where(server => server.Heartbeat > since);
    }
}
