namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>One thing that can be looked at, as often as one likes.</summary>
/// <param name="Subject">What it is; each of its findings has this subject.</param>
/// <param name="ExamineAsync">Looks at it. What is wrong with it is a finding and no exception; at least one finding comes back.</param>
internal sealed record Check(string Subject, Func<CancellationToken, Task<IReadOnlyList<Finding>>> ExamineAsync);
