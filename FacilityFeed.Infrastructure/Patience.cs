using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure;

/// <summary>Waits for a server that does not answer yet: tries again with growing pauses, for 30 seconds in all.</summary>
/// <param name="time">The clock.</param>
/// <param name="onWaiting">Told once, with the first failure that is waited for; null: nobody is.</param>
public sealed class Patience(TimeProvider time, Action<FeedException>? onWaiting = null)
{
    /// <summary>How long is waited in all.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(4);

    /// <summary>Runs <paramref name="attempt"/> until it works, is rejected for good, or the time is up.</summary>
    /// <exception cref="FeedRejectedException">At once, when trying again cannot help.</exception>
    /// <exception cref="FeedException">The last failure, when the time is up.</exception>
    public async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var pause = _firstPause; ; pause = Min(pause * 2, _longestPause))
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (FeedException away) when (away is not FeedRejectedException && Limit - time.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
            {
                if (pause == _firstPause)
                {
                    onWaiting?.Invoke(away);
                }

                // The last attempt comes when the time is up, not before.
                await Task.Delay(Min(pause, left), time, cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="TryAsync{T}"/>
    public Task TryAsync(Func<CancellationToken, Task> attempt, CancellationToken cancellationToken) =>
        TryAsync(async token =>
        {
            await attempt(token);
            return true;
        }, cancellationToken);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
