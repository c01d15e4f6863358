using FacilityFeed.Domain;
using FacilityFeed.Tests.Faults.Inside;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(FaultStartup))]

namespace FacilityFeed.Tests.Faults.Inside;

/// <summary>
/// Runs inside the real service, where <c>ASPNETCORE_HOSTINGSTARTUPASSEMBLIES</c> names this assembly: registers the times and the
/// crash point of the test before the service registers its own.
/// </summary>
internal sealed class FaultStartup : IHostingStartup
{
    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services =>
    {
        if (Environment.GetEnvironmentVariable("FAULT_TIMES") is { } name && FaultTimes.Named(name) is { Name: not "shipped" } times)
        {
            services.AddSingleton(times.Watch);
            services.AddSingleton(times.Retries);
        }

        services.AddSingleton<CrashPoints>(FaultyPoints.FromEnvironment());
    });
}
