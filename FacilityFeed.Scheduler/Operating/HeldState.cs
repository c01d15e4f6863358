using System.Globalization;
using FacilityFeed.Domain.Ledger;
using Hangfire.Common;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Operating;

/// <summary>
/// The Hangfire state of the job that held its run. Not final, so that the job neither expires nor counts as succeeded. Its name and the
/// names of its data are stored.
/// </summary>
public sealed class HeldState(RunJobs run, string opening = "Run") : IState
{
    public const string StateName = "Held";

    /// <summary>Name of the datum that says what a person can do.</summary>
    public const string RemedyDatum = "Remedy";

    private readonly DateTime _heldAt = DateTime.UtcNow;

    public string Name => StateName;

    /// <summary>Begins with what was refused a moment ago, if anything was.</summary>
    public string Reason => $"{opening} {run.RunId} is held: {run.Reason}";

    public bool IsFinal => false;

    // A held run stays held where the code that made it is gone.
    public bool IgnoreJobLoadException => true;

    public Dictionary<string, string> SerializeData() => new()
    {
        ["HeldAt"] = JobHelper.SerializeDateTime(_heldAt),
        ["RunId"] = run.RunId.ToString(CultureInfo.InvariantCulture),
        [RemedyDatum] = Remedy(run),
    };

    public static string Remedy(RunJobs run) => Remedy(run.Feed, run.RunId, run.HasShards);

    /// <summary>What a person can do with a held run.</summary>
    public static string Remedy(string feed, long runId, bool hasShards) => hasShards
        ? $"./run diff {runId} shows what it would change, ./run publish-anyway {runId} --reason '...' publishes it as it is, ./run discard {runId} decides against it"
        : $"./run publish {feed} makes it again once that is mended";
}
