using System.Net;
using System.Net.Sockets;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Feeds;
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
        RefuseTakenPort(settings.HttpPort);

        await using var host = await FeedHost.BuildAsync(settings, isVerbose, builder => builder.Services.AddHostedService<JobServerService>(), cancellationToken);
        host.RemoveLeftovers();
        RegisterSchedules(host.Services.GetRequiredService<FeedSchedules>());
        host.App.MapFeedDashboard();
        await StartAsync(host, settings.HttpPort, cancellationToken);
        await AnnounceAsync(host, settings.HttpPort);
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

    private static async Task AnnounceAsync(FeedHost host, int port)
    {
        await Console.Out.WriteLineAsync($"Dashboard: http://localhost:{port}/hangfire");
        foreach (var feed in host.Services.GetRequiredService<FeedCatalog>().All)
        {
            await Console.Out.WriteLineAsync($"Feed {feed.Key} ({feed.Name}): every '{feed.Cron}' {feed.TimeZone.Id}, into {host.Services.GetRequiredService<FeedCatalog>().StoreOf(feed).Locate("")}");
        }
    }

    /// <summary>Asked before anything is started, so that a second service does not take the first one's jobs for a moment.</summary>
    private static void RefuseTakenPort(int port)
    {
        try
        {
            foreach (var address in Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : new[] { IPAddress.Loopback })
            {
                using var probe = new TcpListener(address, port);
                probe.Start();
            }
        }
        catch (SocketException refused) when (refused.SocketErrorCode != SocketError.AddressNotAvailable)
        {
            throw TakenPort(port, refused);
        }
    }

    private static FeedRejectedException TakenPort(int port, Exception refused) =>
        new($"HTTP_PORT (Dashboard:Port) is {port}: the dashboard cannot listen there ({refused.Message}). Stop the program that does, or choose another port", refused);
}
