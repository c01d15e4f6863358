using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Tests.Ledger;

public sealed class ChunkTransitionsTests
{
    /// <summary>Every change of state that may be made; written out here, not taken from the code.</summary>
    private static readonly HashSet<(ChunkState From, ChunkState To)> _allowed =
    [
        (ChunkState.Planned, ChunkState.Running),
        (ChunkState.Planned, ChunkState.Failed), // its job was deleted before it began
        (ChunkState.Running, ChunkState.Planned), // its attempt fell silent, another job has it
        (ChunkState.Running, ChunkState.Running), // a new attempt fences out the one before
        (ChunkState.Running, ChunkState.Done),
        (ChunkState.Running, ChunkState.Failed),
        (ChunkState.Done, ChunkState.Planned), // its object is gone from the store
        (ChunkState.Failed, ChunkState.Planned), // redrive
    ];

    private static IEnumerable<TestCaseData> Pairs() =>
        from start in Enum.GetValues<ChunkState>()
        from end in Enum.GetValues<ChunkState>()
        select new TestCaseData(start, end, _allowed.Contains((start, end)));

    [TestCaseSource(nameof(Pairs))]
    public void IsAllowed_AnswersAsDesigned(ChunkState start, ChunkState end, bool expected) =>
        Assert.That(ChunkTransitions.IsAllowed(start, end), Is.EqualTo(expected));

    [TestCaseSource(nameof(Pairs))]
    public void Before_AgreesWithIsAllowed(ChunkState start, ChunkState end, bool expected) =>
        Assert.That(ChunkTransitions.Before(end).Contains(start), Is.EqualTo(expected));

    [Test]
    public void EveryChunk_EndsDoneOrFailed_FromWhereverItIs() =>
        Assert.That(Enum.GetValues<ChunkState>().Select(Reachable), Has.All.SupersetOf(new[] { ChunkState.Done, ChunkState.Failed }));

    private static HashSet<ChunkState> Reachable(ChunkState start)
    {
        var reached = new HashSet<ChunkState>();
        var open = new Queue<ChunkState>([start]);
        while (open.TryDequeue(out var state))
        {
            foreach (var next in Enum.GetValues<ChunkState>().Where(next => ChunkTransitions.IsAllowed(state, next) && reached.Add(next)))
            {
                open.Enqueue(next);
            }
        }

        return reached;
    }
}
