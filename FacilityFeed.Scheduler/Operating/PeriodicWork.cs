using FacilityFeed.Infrastructure.Ledger;
using Hangfire.Server;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>Work that a service does again and again beside its jobs. A failure is logged, and the next round comes as if nothing had been.</summary>
/// <param name="what">Names it in the log.</param>
/// <param name="interval">Between the end of a round and the next.</param>
/// <param name="work">One round.</param>
/// <param name="log">Where failures go.</param>
internal sealed partial class PeriodicWork(string what, TimeSpan interval, Func<CancellationToken, Task> work, ILogger log) : IBackgroundProcess
{
    // Hangfire names the process after it.
    public override string ToString() => what;

    public void Execute(BackgroundProcessContext context)
    {
        try
        {
            // Hangfire gives each process a thread of its own.
            work(context.StoppingToken).GetAwaiter().GetResult();
        }
        catch (Exception failure) when (!context.IsStopping)
        {
            LogFailed(what, StateFailure.Explain(failure));
        }

        context.Wait(interval);
    }

    [LoggerMessage(7001, LogLevel.Warning, "{What} did not work and is tried again: {Reason}")]
    private partial void LogFailed(string what, string reason);
}
