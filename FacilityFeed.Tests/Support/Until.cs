namespace FacilityFeed.Tests.Support;

/// <summary>Waits for a condition, with a deadline; never for a length of time.</summary>
public static class Until
{
    // Soon at first; what takes seconds is not asked fifty times in each of them, for its answers would cost more than what is waited for.
    private static readonly TimeSpan _soonest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _latest = TimeSpan.FromMilliseconds(100);

    /// <returns>What <paramref name="look"/> found when it first found something.</returns>
    public static async Task<T> Async<T>(Func<Task<T?>> look, TimeSpan deadline, string what) where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var pause = _soonest; ; pause = Min(pause * 1.1, _latest))
        {
            if (await look() is { } found)
            {
                return found;
            }

            Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(deadline), $"waited too long for {what}");
            using var timer = new PeriodicTimer(pause);
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task TrueAsync(Func<Task<bool>> look, TimeSpan deadline, string what) =>
        Async<object>(async () => await look() ? new object() : null, deadline, what);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
