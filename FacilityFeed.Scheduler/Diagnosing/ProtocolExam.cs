using FacilityFeed.Domain.Runs;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>Whether the ledger lets this build make its feeds: a newer one may have made runs that this one must not touch.</summary>
internal static class ProtocolExam
{
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(Databases databases, IEnumerable<string> feeds, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await new FeedLedger(databases.State).ListNewerAsync(feeds, cancellationToken)).Select(newer => new Finding(Severity.Error, StateExam.Subject,
                $"feed {newer.Feed} has runs of protocol {newer.Protocol}, made by a newer build, and this one knows {Protocol.Number}: it begins no run of the feed and changes none of those. Use the newer build; or, to go back to this one, let the newer one end the active runs, stop it, then SELECT feed.go_back({Protocol.Number}) in the state database"))];
        }
        catch (Exception failure) when (StateFailure.IsOne(failure))
        {
            return [new Finding(Severity.Error, StateExam.Subject, StateFailure.Sort(failure).Message)];
        }
    }
}
