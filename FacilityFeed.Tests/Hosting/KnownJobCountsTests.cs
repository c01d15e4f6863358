using System.Globalization;
using FacilityFeed.Tests.Support;
using Hangfire;

namespace FacilityFeed.Tests.Hosting;

/// <summary>The dashboard's numbers, whatever the counters come to.</summary>
public sealed class KnownJobCountsTests
{
    [TestCase("succeeded", "9223372036854775807", long.MaxValue)]
    [TestCase("succeeded", "-9223372036854775808", 0)]
    [TestCase("succeeded", "4", 9)]
    [TestCase("failed", "9223372036854775807", long.MaxValue)]
    public async Task Sums_OfCounters_AreShown_AndThoseThatAreNoNumber_AsTheNextThatIs(string end, string value, long sum)
    {
        await using var host = await TestHost.CreateAsync(Facilities.EmptyTable);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        // Both sides of the hour and the day that may begin meanwhile.
        var keys = new[] { now, now.AddHours(1) }.SelectMany(time => new[] { "yyyy-MM-dd", "yyyy-MM-dd-HH" }.Select(format => $"stats:{end}:{time.ToString(format, CultureInfo.InvariantCulture)}")).Append($"stats:{end}").Distinct();
        foreach (var key in keys)
        {
            await host.State.ExecuteAsync($"INSERT INTO hangfire.counter (key, value) VALUES ('{key}', {value}), ('{key}', {value}); INSERT INTO hangfire.aggregatedcounter (key, value) VALUES ('{key}', 1)");
        }

        var monitor = host.Get<JobStorage>().GetMonitoringApi();
        Assert.That(monitor.GetStatistics().Succeeded, Is.EqualTo(end == "succeeded" ? sum : 0));
        var (daily, hourly) = end == "succeeded" ? (monitor.SucceededByDatesCount(), monitor.HourlySucceededJobs()) : (monitor.FailedByDatesCount(), monitor.HourlyFailedJobs());
        Assert.That((daily.Count, hourly.Count), Is.EqualTo((7, 24)));
        Assert.That((daily.Values.First(), hourly.Values.First(), hourly.Values.Last()), Is.EqualTo((sum, sum, 0L)));
        Assert.That(daily.Keys, Is.Ordered.Descending);
    }
}
