using System.Net;
using System.Net.Sockets;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Diagnosing;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Schedules, works and serves the dashboard until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(bool isVerbose, CancellationToken cancellationToken)
    {
        var settings = SettingsSource.Read();
        await ContainerLoss.WarnAsync(settings);
        RefuseTakenPort(settings);

        await using var host = await FeedHost.BuildAsync(settings, isVerbose, builder => builder.Services.AddHostedService<JobServerService>().AddHostedService<StartupChecks>(), cancellationToken);
        await host.RemoveLeftoversAsync(cancellationToken);
        RegisterSchedules(host.Services.GetRequiredService<FeedSchedules>());
        host.App.MapFeedDashboard();
        await StartAsync(host, settings.HttpPort, cancellationToken);
        await AnnounceAsync(host, settings);
        await host.App.WaitForShutdownAsync(cancellationToken);
        return CommandLine.Ok;
    }

    private static async Task StartAsync(FeedHost host, int port, CancellationToken cancellationToken)
    {
        try
        {
            await host.App.StartAsync(cancellationToken);
        }
        catch (IOException refused) when (refused.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw TakenPort(port, refused);
        }
    }

    /// <summary>A lock row that a killed process left lives for a minute; the schedules wait for it rather than fail.</summary>
    private static void RegisterSchedules(FeedSchedules schedules)
    {
        const int Attempts = 6;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                schedules.Register();
                return;
            }
            catch (Exception locked) when (attempt < Attempts && (locked is DistributedLockTimeoutException || locked.InnerException is DistributedLockTimeoutException))
            {
                // Each attempt has waited 15 seconds for the lock by itself.
            }
        }
    }

    private static async Task AnnounceAsync(FeedHost host, ServiceSettings settings)
    {
        if (settings.IsHttpOpen)
        {
            await Console.Error.WriteLineAsync(
                "warning: HTTP_ADDRESS (Dashboard:Address) is 'any': whoever reaches this port may start and delete jobs, for there is no login. Let nobody but this machine reach it: publish a container's port as 127.0.0.1:5080:5080");
        }

        await Console.Out.WriteLineAsync($"Dashboard: http://localhost:{settings.HttpPort}/hangfire");
        var pauses = await ListPausesAsync(host);
        foreach (var feed in host.Services.GetRequiredService<FeedCatalog>().All)
        {
            await Console.Out.WriteLineAsync($"Feed {feed.Key} ({feed.Name}): every '{feed.Cron}' {feed.TimeZone.Id}, into {host.Services.GetRequiredService<FeedCatalog>().StoreOf(feed).Locate("")}");
            // Why there is none is among the checks.
            await Console.Out.WriteLineAsync(pauses.Any(pause => pause.Feed == feed.Key) ? "  next runs: none, it is paused" : $"  next runs: {FeedCalendar.NextText(feed, DateTimeOffset.UtcNow)}");
        }
    }

    /// <summary>None where the state database is away at this very moment: the service is up, and its dashboard and log tell of both.</summary>
    private static async Task<IReadOnlyList<FeedPause>> ListPausesAsync(FeedHost host)
    {
        try
        {
            return await host.Services.GetRequiredService<FeedLedger>().ListPausesAsync(CancellationToken.None);
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            return [];
        }
    }

    /// <summary>Asked before anything is started, so that a second service does not take the first one's jobs for a moment.</summary>
    private static void RefuseTakenPort(ServiceSettings settings)
    {
        IPAddress[] addresses = settings.IsHttpOpen ? [IPAddress.Any, IPAddress.IPv6Any] : [IPAddress.Loopback, IPAddress.IPv6Loopback];
        try
        {
            foreach (var address in addresses.Where(address => Socket.OSSupportsIPv6 || address.AddressFamily == AddressFamily.InterNetwork))
            {
                using var probe = new TcpListener(address, settings.HttpPort);
                probe.Start();
            }
        }
        catch (SocketException refused) when (refused.SocketErrorCode != SocketError.AddressNotAvailable)
        {
            throw TakenPort(settings.HttpPort, refused);
        }
    }

    private static FeedRejectedException TakenPort(int port, Exception refused) =>
        new($"HTTP_PORT (Dashboard:Port) is {port}: the dashboard cannot listen there ({refused.Message}). Stop the program that does, or choose another port", refused);
}
