using System.Collections.Concurrent;
using FacilityFeed.Domain;

namespace FacilityFeed.Tests.Faults;

/// <summary>What a soak has seen so far.</summary>
internal sealed class FaultRecord
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<TimeSpan>> _recoveries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<CrashPoint, int> _hits = new();
    private readonly ConcurrentBag<string> _failures = [];
    private readonly ConcurrentBag<string> _late = [];

    /// <summary>How often a process died, stopped or hung at each point.</summary>
    public IReadOnlyDictionary<CrashPoint, int> Hits => _hits;

    /// <summary>Faults after which a promise did not hold, that could not be had, or from which the recovery took longer than it may.</summary>
    public IReadOnlyCollection<string> Failures => [.. _failures, .. _late];

    public void Add(Fault fault, FaultOutcome outcome)
    {
        _recoveries.GetOrAdd(fault.Name, _ => []).Add(outcome.Recovery);
        if (outcome.Recovery > fault.Limit)
        {
            _late.Add($"{fault.Name}: recovered after {outcome.Recovery.TotalSeconds:0.0} s, which is more than {fault.Limit.Value.TotalSeconds:0} s");
        }

        foreach (var point in outcome.Hits)
        {
            _hits.AddOrUpdate(point, 1, (_, before) => before + 1);
        }
    }

    public void Fail(Fault fault, Exception failure) => _failures.Add($"{fault.Name}: {failure.Message}");

    /// <summary>How often the fault was had.</summary>
    public int CountOf(Fault fault) => RecoveriesOf(fault).Count + CountOf(fault, _failures);

    /// <summary>How often it did harm, or was recovered from too late.</summary>
    public int FailuresOf(Fault fault) => CountOf(fault, Failures);

    /// <summary>Shortest first.</summary>
    public IReadOnlyList<TimeSpan> RecoveriesOf(Fault fault) => [.. _recoveries.GetValueOrDefault(fault.Name, []).Order()];

    private static int CountOf(Fault fault, IEnumerable<string> failures) => failures.Count(failure => failure.StartsWith($"{fault.Name}: ", StringComparison.Ordinal));
}
