using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Follows a run to its end and shows how far it is.</summary>
internal sealed class RunWait(RunLedger runs, Crew crew, TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether a service still works on the run is asked every 5 seconds.</summary>
    private const int CrewRounds = 20;

    private readonly ProgressLine _progress = new(time);

    /// <param name="runId">The run to follow.</param>
    /// <param name="interrupted">Ctrl-C: cancels the run when this process works on it, and leaves it alone when others do.</param>
    /// <returns>The run as it ended; or as it is, when it goes on without us.</returns>
    public async Task<RunView> UntilEndAsync(long runId, CancellationToken interrupted)
    {
        try
        {
            return await FollowAsync(runId, interrupted);
        }
        finally
        {
            ProgressLine.Clear();
        }
    }

    /// <summary>Whether stderr has said this reason of the run already.</summary>
    public bool HasSaid(string? reason) => _progress.HasSaid(reason);

    private async Task<RunView> FollowAsync(long runId, CancellationToken interrupted)
    {
        var (isCancelSent, isCancelSaid) = (false, false);
        var round = 0;
        while (true)
        {
            if (await TryReadAsync(runId) is { } run)
            {
                _progress.Show(run);
                if (!RunTransitions.IsActive(run.State) || (interrupted.IsCancellationRequested && !crew.IsAlone))
                {
                    return run;
                }
            }

            if (interrupted.IsCancellationRequested && !isCancelSent)
            {
                if (!isCancelSaid)
                {
                    await Console.Error.WriteLineAsync($"interrupted: run {runId} is being cancelled; Ctrl-C again ends this process at once");
                    isCancelSaid = true;
                }

                // Refused only once the manifest may be visible; then the end is near and is waited for.
                isCancelSent = await ForgiveAsync(() => runs.TryEndAsync(runId, RunState.Cancelled, "interrupted at the terminal"));
            }
            else if (round++ % CrewRounds == 0)
            {
                await ForgiveAsync(() =>
                {
                    crew.StartIfAlone();
                    return Task.CompletedTask;
                });
            }

            await PauseAsync(interrupted);
        }
    }

    private async Task<RunView?> TryReadAsync(long runId)
    {
        RunView? run = null;
        await ForgiveAsync(async () => run = await runs.FindAsync(runId, CancellationToken.None));
        return run;
    }

    /// <summary>The state database may be away for a moment: the run goes on when it is back, and so does the waiting.</summary>
    private static async Task<bool> ForgiveAsync(Func<Task> ask)
    {
        try
        {
            await ask();
            return true;
        }
        catch (Exception away) when (StateFailure.IsOne(away))
        {
            return false;
        }
    }

    private async Task PauseAsync(CancellationToken interrupted)
    {
        await Task.Delay(_interval, time, interrupted.IsCancellationRequested ? CancellationToken.None : interrupted)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
