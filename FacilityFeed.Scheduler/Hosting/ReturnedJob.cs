using FacilityFeed.Infrastructure.Ledger;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// A job that a worker has fetched. When the worker lets go of it and the state database does not hear that, Hangfire leaves the job to its
/// invisibility; here the word is said again until it is heard.
/// </summary>
internal sealed class ReturnedJob(IFetchedJob job) : IFetchedJob
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    // Then others have taken it long since.
    private const int MostTries = 600;

    public string JobId => job.JobId;

    public void RemoveFromQueue() => job.RemoveFromQueue();

    public void Requeue() => job.Requeue();

    public void Dispose()
    {
        try
        {
            job.Dispose();
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            _ = GiveBackAsync();
        }
    }

    /// <summary>Only what is still as it was fetched goes back: what others have taken meanwhile is theirs.</summary>
    private async Task GiveBackAsync()
    {
        using var timer = new PeriodicTimer(_pause);
        for (var tries = 0; tries < MostTries && await timer.WaitForNextTickAsync(); tries++)
        {
            try
            {
                job.Requeue();
                return;
            }
            catch (Exception away) when (StateFailure.IsOne(away))
            {
                // It is said again.
            }
            catch (ObjectDisposedException)
            {
                // This process ends.
                return;
            }
        }
    }
}
