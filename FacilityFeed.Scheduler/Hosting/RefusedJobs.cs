using FacilityFeed.Domain;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Lets a job that is none of ours become failed or deleted and nothing else, says why on its page and once in the log.</summary>
internal sealed partial class RefusedJobs(ILogger log) : IElectStateFilter
{
    public void OnStateElection(ElectStateContext context)
    {
        if (context.CandidateState is DeletedState)
        {
            return;
        }

        if (context.BackgroundJob.Job is { } job && KnownJobs.Refusal(job) is { } refusal)
        {
            context.CandidateState = new FailedState(new FeedRejectedException(refusal));
        }

        if (context.CandidateState is FailedState failed)
        {
            failed.Reason = failed.Exception.Message;
            LogRefused(context.BackgroundJob.Id, failed.Exception.Message);
        }
    }

    [LoggerMessage(6010, LogLevel.Warning, "Job {JobId} was refused: {Reason}")]
    private partial void LogRefused(string jobId, string reason);
}
