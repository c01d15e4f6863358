using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Exporting;

/// <summary>
/// Logs attempts at chunks that did not work. What many chunks meet at once is said of the first one, and a little later of all the others
/// together; the ledger has each one's own.
/// </summary>
public sealed partial class AttemptLog(OutcomeLog outcomes, TimeProvider time, ILogger<AttemptLog> log) : IDisposable
{
    /// <summary>How long equal failures are gathered.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(long RunId, string Kind, bool IsFinal), Gathered> _gathered = [];

    /// <param name="claim">The attempt.</param>
    /// <param name="reason">What it met.</param>
    /// <param name="isFinal">Whether the chunk has failed with it; otherwise it is tried again.</param>
    public void DidNotWork(ChunkClaim claim, string reason, bool isFinal)
    {
        lock (_gate)
        {
            var key = (claim.RunId, FailedChunks.KindOf(reason), isFinal);
            if (_gathered.TryGetValue(key, out var known))
            {
                known.Others.Add((claim.Number, reason));
                return;
            }

            _gathered[key] = new Gathered(claim, time.CreateTimer(_ => Tell(key), null, Gathering, Timeout.InfiniteTimeSpan));
        }

        if (isFinal)
        {
            outcomes.ChunkFailed(claim.RunId, claim.Feed, claim.Number, reason);
        }
        else
        {
            LogDidNotWork(claim.RunId, claim.Feed, claim.Number, claim.Attempt, reason);
        }
    }

    /// <summary>Says what is gathered still.</summary>
    public void Dispose()
    {
        List<(long RunId, string Kind, bool IsFinal)> keys;
        lock (_gate)
        {
            keys = [.. _gathered.Keys];
        }

        keys.ForEach(Tell);
    }

    private void Tell((long RunId, string Kind, bool IsFinal) key)
    {
        Gathered? gathered;
        lock (_gate)
        {
            if (!_gathered.Remove(key, out gathered))
            {
                return;
            }
        }

        gathered.Timer.Dispose();
        if (gathered.Others.Count > 0)
        {
            var alike = FailedChunks.Group(gathered.Others)[0];
            var rows = alike.Rows.Count > 0 ? $"; {FailedChunks.RowsText(alike.Rows, FailedChunks.MostRows)}" : "";
            var others = $"{Counted.Of(gathered.Others.Count, "more attempt")} ({ChunkNumbers.Of(alike.Numbers, FailedChunks.MostRanges)}{rows})";
            if (key.IsFinal)
            {
                outcomes.ChunksFailed(key.RunId, gathered.First.Feed, gathered.First.Number, others);
            }
            else
            {
                LogOthers(key.RunId, gathered.First.Feed, gathered.First.Number, others);
            }
        }
    }

    private sealed record Gathered(ChunkClaim First, ITimer Timer)
    {
        public List<(int Number, string Reason)> Others { get; } = [];
    }

    [LoggerMessage(3002, LogLevel.Warning, "Run {RunId} of feed {Feed}, chunk {Chunk}: attempt {Attempt} did not work: {Reason}")]
    private partial void LogDidNotWork(long runId, string feed, int chunk, int attempt, string reason);

    [LoggerMessage(3003, LogLevel.Warning, "Run {RunId} of feed {Feed}: what chunk {Chunk} met, {Others} met too")]
    private partial void LogOthers(long runId, string feed, int chunk, string others);
}
