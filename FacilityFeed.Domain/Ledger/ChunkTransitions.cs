namespace FacilityFeed.Domain.Ledger;

/// <summary>Every change of state a chunk may make.</summary>
public static class ChunkTransitions
{
    private static readonly Dictionary<ChunkState, ChunkState[]> _next = new()
    {
        [ChunkState.Planned] = [ChunkState.Running, ChunkState.Failed],
        // Running to running is a new attempt that fences out the one before; to planned, its attempt fell silent and another job has it.
        [ChunkState.Running] = [ChunkState.Planned, ChunkState.Running, ChunkState.Done, ChunkState.Failed],
        // Its object is gone from the store: made once more.
        [ChunkState.Done] = [ChunkState.Planned],
        [ChunkState.Failed] = [ChunkState.Planned],
    };

    /// <summary>Whether a chunk may go from one state to the other.</summary>
    public static bool IsAllowed(ChunkState from, ChunkState to) => _next[from].Contains(to);

    /// <summary>The states from which <paramref name="to"/> may be reached.</summary>
    public static IReadOnlyList<ChunkState> Before(ChunkState to) => [.. Enum.GetValues<ChunkState>().Where(from => IsAllowed(from, to))];
}
