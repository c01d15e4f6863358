using System.Globalization;
using System.Runtime.CompilerServices;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using Hangfire;
using Hangfire.States;
using Hangfire.Storage;

namespace FacilityFeed.Scheduler.Attempts;

/// <summary>
/// Which failed job is tried again, and when: Hangfire's own retries for what a source or a store did, none for what no retry mends. Their pauses are short,
/// and it is the time since the first failure that ends them: long pauses would keep a job waiting when what it needs is back, and a number of short ones
/// would give it up too soon. What the state database did is tried again as often as it takes and uses up no try, for it says nothing of the job.
/// </summary>
internal sealed class JobRetries : IElectStateFilter, IApplyStateFilter
{
    // Hangfire's name for how many are used up.
    private const string Used = "RetryCount";

    // Ours, in seconds since 1970.
    private const string FailingSince = "FailingSince";

    private readonly RetryDelays _delays;
    private readonly TimeProvider _time;

    private readonly AutomaticRetryAttribute _retries;
    private readonly TimeSpan _firstDelay;

    // How many were used up before a failure. Hangfire elects the same failure's state again and again while it cannot be written, and would count each time.
    private readonly ConditionalWeakTable<FailedState, StrongBox<int>> _usedBefore = [];

    public JobRetries(RetryDelays delays, TimeProvider time)
    {
        (_delays, _time) = (delays, time);
        _firstDelay = TimeSpan.FromSeconds(delays.Seconds[0]);
        _retries = new AutomaticRetryAttribute
        {
            Attempts = delays.Retries,
            DelaysInSeconds = [.. delays.Seconds],
            ExceptOn = [typeof(FeedRejectedException)],
            OnAttemptsExceeded = AttemptsExceededAction.Fail,
            // Our jobs log what they met themselves: once, and many alike together.
            LogEvents = false,
        };
    }

    public void OnStateElection(ElectStateContext context)
    {
        if (context.CandidateState is not FailedState { Exception: var failure } failed)
        {
            return;
        }

        if (failure is StateException)
        {
            // Time in which nothing could be tried is no patience used up.
            context.SetJobParameter(FailingSince, _time.GetUtcNow().ToUnixTimeSeconds());
            // Begins as Hangfire's own reasons do, so that it is on the page of retries.
            var reason = $"Retry attempt as long as it takes: {failure.Message}";
            context.CandidateState = _firstDelay == TimeSpan.Zero ? new EnqueuedState { Reason = reason } : new ScheduledState(_firstDelay) { Reason = reason };
            return;
        }

        if (_usedBefore.TryGetValue(failed, out var before))
        {
            context.SetJobParameter(Used, before.Value);
        }
        else
        {
            _usedBefore.Add(failed, before = new StrongBox<int>(context.GetJobParameter<int>(Used)));
        }

        if (!IsOver(context, before.Value))
        {
            _retries.OnStateElection(context);
        }
    }

    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction) => _retries.OnStateApplied(context, transaction);

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction) => _retries.OnStateUnapplied(context, transaction);

    /// <summary>A requeue or a redrive sets the count to nought, and with it the time.</summary>
    private bool IsOver(ElectStateContext context, int used)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        if (used == 0)
        {
            context.SetJobParameter(FailingSince, now);
            return false;
        }

        return used >= RetryDelays.LeastRetries && _delays.Patience is { } patience && now - SinceOf(context, now) > patience.TotalSeconds;
    }

    /// <summary>What somebody else has written there is no reason to give a job up.</summary>
    private static long SinceOf(ElectStateContext context, long now) =>
        long.TryParse(context.Connection.GetJobParameter(context.BackgroundJob.Id, FailingSince), CultureInfo.InvariantCulture, out var since) ? since : now;
}
