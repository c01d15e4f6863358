namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Runs the job servers for as long as the service runs.</summary>
internal sealed class JobServerService(JobServers servers, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(servers.SendStop);
        servers.StartAll(JobClocks.RetriesAndSchedules);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => servers.StopAsync(cancellationToken);
}
