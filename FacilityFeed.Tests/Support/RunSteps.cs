using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Planning;
using Hangfire;
using Hangfire.States;

namespace FacilityFeed.Tests.Support;

/// <summary>Brings a run to where a test needs it, without workers.</summary>
public static class RunSteps
{
    /// <summary>Triggers a run and takes its plan, as far as its generation timestamp.</summary>
    public static async Task<PlanClaim> TakePlanAsync(TestHost host)
    {
        var runId = await host.TriggerAsync();
        var claim = (await host.Runs.TryTakePlanAsync(runId, (await FindAsync(host, runId)).PlanJobId!))!;
        await host.Runs.TryDateAsync(claim);
        return claim;
    }

    /// <summary>Starts a run whose plan was taken, with these chunks.</summary>
    /// <param name="host">Where.</param>
    /// <param name="claim">The attempt at the plan.</param>
    /// <param name="plan">The chunks.</param>
    public static Task<bool> FanOutAsync(TestHost host, PlanClaim claim, ChunkPlan plan) =>
        host.Get<FanOut>().StartAsync(claim, host.Feed, plan, CancellationToken.None);

    /// <summary>Triggers and plans a run.</summary>
    public static async Task<long> PlanAsync(TestHost host)
    {
        var runId = await host.TriggerAsync();
        await host.Get<RunPlanner>().PlanAsync(runId, (await FindAsync(host, runId)).PlanJobId!, CancellationToken.None);
        return runId;
    }

    /// <summary>Plans a run and exports its chunks but for these, which fail.</summary>
    public static async Task<long> FailAsync(TestHost host, params int[] failing)
    {
        var runId = await PlanAsync(host);
        foreach (var chunk in await host.Chunks.ListAsync(runId, CancellationToken.None))
        {
            if (failing.Contains(chunk.Number))
            {
                Delete(host, chunk.JobId);
            }
            else
            {
                await host.Get<ChunkRunner>().RunAsync(runId, chunk.Number, chunk.JobId, CancellationToken.None);
                // As a worker would: it must not be run once more.
                host.Get<IBackgroundJobClient>().ChangeState(chunk.JobId, new SucceededState(null, 0, 0));
            }
        }

        return runId;
    }

    /// <summary>Exports a run, whose manifest job then enters publishing and fails for good.</summary>
    public static async Task<long> FailWhilePublishingAsync(TestHost host)
    {
        var runId = await FailAsync(host);
        var manifestJob = (await FindAsync(host, runId)).ManifestJobId!;
        await host.Get<PublishingLedger>().TryEnterAsync((await host.Get<PublishingLedger>().TryTakeAsync(runId, manifestJob))!);
        Delete(host, manifestJob);
        return runId;
    }

    /// <summary>"Delete" in the dashboard.</summary>
    public static void Delete(TestHost host, string jobId) => host.Get<IBackgroundJobClient>().ChangeState(jobId, new DeletedState());

    /// <summary>"Requeue" in the dashboard.</summary>
    public static bool Requeue(TestHost host, string jobId) => host.Get<IBackgroundJobClient>().ChangeState(jobId, new EnqueuedState { Reason = "Triggered via Dashboard UI" });

    public static async Task<RunView> FindAsync(TestHost host, long runId) => (await host.Runs.FindAsync(runId, CancellationToken.None))!;

    public static async Task<ChunkView> ChunkAsync(TestHost host, long runId, int number) => (await host.Chunks.FindAsync(runId, number, CancellationToken.None))!;

    public static async Task<IEnumerable<string>> EventsAsync(TestHost host, long runId) =>
        (await host.Runs.EventsAsync(runId, CancellationToken.None)).Select(line => $"{line.Event}: {line.Detail}");
}
