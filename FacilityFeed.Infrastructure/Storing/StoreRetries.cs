namespace FacilityFeed.Infrastructure.Storing;

/// <summary>
/// Counts the requests that were sent to a store a second time, for the attempt at hand: what a client library mends quietly
/// is still the first sign of a store in trouble.
/// </summary>
public sealed class StoreRetries
{
    private static readonly AsyncLocal<StoreRetries?> _current = new();

    private int _count;

    /// <summary>How many so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts from now on, in this flow of execution and all it starts.</summary>
    public static StoreRetries Begin() => _current.Value = new StoreRetries();

    internal static void Note()
    {
        if (_current.Value is { } attempt)
        {
            Interlocked.Increment(ref attempt._count);
        }
    }
}
