using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>States as the ledger writes them.</summary>
public static class StateName
{
    public static string Of(RunState state) => state.ToString().ToLowerInvariant();

    public static string Of(ChunkState state) => state.ToString().ToLowerInvariant();

    /// <summary>The states that may come before <paramref name="to"/>, for <c>state = ANY(...)</c>.</summary>
    public static string[] Before(RunState to) => [.. RunTransitions.Before(to).Select(Of)];

    /// <inheritdoc cref="Before(RunState)"/>
    public static string[] Before(ChunkState to) => [.. ChunkTransitions.Before(to).Select(Of)];
}
