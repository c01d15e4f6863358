namespace FacilityFeed.Tests.Support;

/// <summary>Waits for a condition, with a deadline; never for a length of time.</summary>
public static class Until
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);

    /// <returns>What <paramref name="look"/> found when it first found something.</returns>
    public static async Task<T> Async<T>(Func<Task<T?>> look, TimeSpan deadline, string what) where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(deadline), $"waited too long for {what}");
            using var timer = new PeriodicTimer(_look);
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task TrueAsync(Func<Task<bool>> look, TimeSpan deadline, string what) =>
        Async<object>(async () => await look() ? new object() : null, deadline, what);
}
