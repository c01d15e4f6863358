namespace FacilityFeed.Scheduler.Watching;

/// <summary>Remembers since when a trouble is seen at every look, for what is normal for a moment.</summary>
internal sealed class Sightings(TimeProvider time)
{
    private Dictionary<string, long> _since = [];

    /// <summary>Takes what a look saw; forgets what it did not see.</summary>
    public void See(IEnumerable<string> names) =>
        _since = names.Distinct().ToDictionary(name => name, name => _since.GetValueOrDefault(name, time.GetTimestamp()), StringComparer.Ordinal);

    /// <summary>Since when the thing is seen without a break.</summary>
    public TimeSpan AgeOf(string name) => time.GetElapsedTime(_since[name]);

    public void Forget() => _since = [];
}
