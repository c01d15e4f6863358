using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Looks every few seconds whether the embedded PostgreSQL lives, and starts it again when it has died: at night nobody else would.</summary>
public sealed partial class ServerKeeper(EmbeddedPostgres server, ILogger<ServerKeeper> log) : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private Task _keeping = Task.CompletedTask;
    private bool _isFailing;

    /// <summary>Looks from now on.</summary>
    public void Start(TimeProvider time) => _keeping = KeepAsync(time);

    /// <summary>One look. What fails is tried again at the next, and reported once until it works again.</summary>
    public async Task LookAsync()
    {
        try
        {
            if (await server.ReviveAsync(_stop.Token))
            {
                LogRestarted();
            }
            else if (_isFailing)
            {
                LogBack();
            }

            _isFailing = false;
        }
        catch (Exception failure) when (!_stop.IsCancellationRequested)
        {
            if (!_isFailing)
            {
                LogAway(StateFailure.Explain(failure));
            }

            _isFailing = true;
        }
    }

    /// <summary>Ends the looking. Before this process leaves the server: it must not be started again behind the one that stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _stop.Dispose();
    }

    private async Task KeepAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await LookAsync();
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // This process ends.
        }
    }

    [LoggerMessage(8001, LogLevel.Warning, "The embedded PostgreSQL had died; it was started again")]
    private partial void LogRestarted();

    [LoggerMessage(8002, LogLevel.Error, "The embedded PostgreSQL has died and cannot be started again: {Reason}. It is tried again and again, and this is said only once")]
    private partial void LogAway(string reason);

    [LoggerMessage(8003, LogLevel.Warning, "The embedded PostgreSQL is there again")]
    private partial void LogBack();
}
