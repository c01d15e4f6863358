namespace FacilityFeed.Domain.Ledger;

/// <summary>Every change of state a run may make. The ledger asks here; nothing else decides.</summary>
public static class RunTransitions
{
    private static readonly Dictionary<RunState, RunState[]> _next = new()
    {
        [RunState.Planning] = [RunState.Running, RunState.Held, RunState.Failed, RunState.Cancelled],
        [RunState.Running] = [RunState.Publishing, RunState.Unchanged, RunState.Held, RunState.Failed, RunState.Cancelled, RunState.Superseded],
        [RunState.Publishing] = [RunState.Published, RunState.Failed],
        [RunState.Held] = [RunState.Publishing, RunState.Discarded, RunState.Superseded],
        [RunState.Failed] = [RunState.Running, RunState.Superseded],
        [RunState.Published] = [],
        [RunState.Unchanged] = [],
        [RunState.Cancelled] = [],
        [RunState.Superseded] = [],
        [RunState.Discarded] = [],
        [RunState.Skipped] = [],
    };

    /// <summary>The states in which a new run may be written down.</summary>
    public static IReadOnlyList<RunState> Initial { get; } = [RunState.Planning, RunState.Skipped];

    /// <summary>The states that hold the feed's one active place.</summary>
    public static IReadOnlyList<RunState> Active { get; } = [RunState.Planning, RunState.Running, RunState.Publishing];

    /// <summary>Whether a run may go from one state to the other.</summary>
    public static bool IsAllowed(RunState from, RunState to) => _next[from].Contains(to);

    /// <summary>The states from which <paramref name="to"/> may be reached.</summary>
    public static IReadOnlyList<RunState> Before(RunState to) => [.. Enum.GetValues<RunState>().Where(from => IsAllowed(from, to))];

    /// <summary>Whether a run that ends so counts as never published: refused once it has entered publishing, for its manifest may be visible.</summary>
    public static bool IsWithdrawal(RunState to) => to is RunState.Cancelled or RunState.Discarded;

    /// <summary>Whether a run in this state holds the feed's active place.</summary>
    public static bool IsActive(RunState state) => Active.Contains(state);
}
