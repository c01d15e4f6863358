using System.Text.RegularExpressions;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What a person can do next with a run, as commands to paste.</summary>
internal static partial class NextSteps
{
    /// <param name="run">The run as it is.</param>
    /// <param name="alias">Full address of the feed's <c>metadata.json</c>; null where the person looks at <c>status</c> already.</param>
    /// <param name="isOld">Whether its data is so old that it may not go on without a further word.</param>
    public static IEnumerable<string> Of(RunView run, string? alias, bool isOld) => run.State switch
    {
        RunState.Published or RunState.Unchanged when alias is not null => [$"next: ./run verify {Word(alias)} reads the feed back"],
        RunState.Held when run.Shards == 0 => [$"next: ./run publish {run.Feed} makes it again once that is mended"],
        RunState.Held when isOld =>
        [
            $"next: ./run publish {run.Feed} makes it again of today's data, ./run discard {run.Id} drops it",
            $"      ./run publish-anyway {run.Id} --reason '...' --force publishes it all the same",
        ],
        RunState.Held =>
        [
            $"next: ./run diff {run.Id} shows what it would change",
            $"      ./run publish-anyway {run.Id} --reason '...' publishes it, ./run discard {run.Id} drops it",
        ],
        RunState.Failed when run.ChunkCount is null => [$"next: ./run publish {run.Feed} makes it again once that is mended"],
        RunState.Failed when isOld =>
        [
            $"next: ./run publish {run.Feed} makes it again of today's data",
            $"      ./run redrive {run.Id} --force lets it go on all the same",
        ],
        RunState.Failed when alias is null => [$"next: ./run redrive {run.Id} lets it go on once that is mended"],
        RunState.Failed =>
        [
            $"next: ./run status {run.Id} shows its chunks",
            $"      ./run redrive {run.Id} lets it go on once that is mended",
        ],
        RunState.Cancelled or RunState.Discarded => [$"next: ./run publish {run.Feed} makes the feed anew"],
        _ when alias is not null && RunTransitions.IsActive(run.State) => [$"next: ./run publish {run.Feed} joins it again, ./run status {run.Id} shows it"],
        _ => [],
    };

    /// <summary>As one word of a shell's command line.</summary>
    public static string Word(string text) => Plain().IsMatch(text) ? text : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"\A[A-Za-z0-9_./:@%+=,-]+\z")]
    private static partial Regex Plain();
}
