using System.Collections.Concurrent;
using FacilityFeed.Domain;

namespace FacilityFeed.Tests.Faults;

/// <summary>What a soak has seen so far.</summary>
internal sealed class FaultRecord
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<TimeSpan>> _recoveries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<CrashPoint, int> _hits = new();
    private readonly ConcurrentBag<string> _failures = [];

    /// <summary>How often a process died, stopped or hung at each point.</summary>
    public IReadOnlyDictionary<CrashPoint, int> Hits => _hits;

    /// <summary>Faults after which a promise did not hold, or that could not be had.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    public void Add(Fault fault, FaultOutcome outcome)
    {
        _recoveries.GetOrAdd(fault.Name, _ => []).Add(outcome.Recovery);
        foreach (var point in outcome.Hits)
        {
            _hits.AddOrUpdate(point, 1, (_, before) => before + 1);
        }
    }

    public void Fail(Fault fault, Exception failure) => _failures.Add($"{fault.Name}: {failure.Message}");

    /// <summary>How often the fault did no harm.</summary>
    public int CountOf(Fault fault) => RecoveriesOf(fault).Count;

    /// <summary>How often it did.</summary>
    public int FailuresOf(Fault fault) => _failures.Count(failure => failure.StartsWith($"{fault.Name}: ", StringComparison.Ordinal));

    /// <summary>Shortest first.</summary>
    public IReadOnlyList<TimeSpan> RecoveriesOf(Fault fault) => [.. _recoveries.GetValueOrDefault(fault.Name, []).Order()];
}
