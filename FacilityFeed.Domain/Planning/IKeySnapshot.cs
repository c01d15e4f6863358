namespace FacilityFeed.Domain.Planning;

/// <summary>The keys of the source at one moment: every answer comes from the same read-only snapshot.</summary>
public interface IKeySnapshot : IAsyncDisposable
{
    /// <summary>Number of rows.</summary>
    long Count { get; }

    /// <summary>Lowest key; meaningless when <see cref="Count"/> is 0.</summary>
    long FirstId { get; }

    /// <summary>Highest key, where the run ends: later rows belong to the next run.</summary>
    long LastId { get; }

    /// <summary>What a person should know about this source, for example that the key has no index.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>Jumps over the next <paramref name="rows"/> rows.</summary>
    /// <returns>The key of the last of them, or null when fewer are left from <paramref name="fromId"/> (included) on.</returns>
    /// <exception cref="FeedException">The source did not answer.</exception>
    Task<long?> JumpAsync(long fromId, int rows, CancellationToken cancellationToken);
}
