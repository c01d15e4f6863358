using FacilityFeed.Domain;
using FacilityFeed.Tests.Faults.Lab;

namespace FacilityFeed.Tests.Faults;

/// <summary>One fault came, and this was seen.</summary>
/// <param name="Recovery">From the fault, or from its end where it lasts, until everything was as if it had not been.</param>
/// <param name="Hits">The crash points that processes died, stopped or hung at.</param>
internal sealed record FaultOutcome(TimeSpan Recovery, IReadOnlyList<CrashPoint> Hits);

/// <summary>One row of the fault matrix.</summary>
/// <param name="Name">What goes wrong, in a few words.</param>
/// <param name="What">What is done, and from when to when the recovery is measured.</param>
/// <param name="HaveAsync">Has the fault, asserts, and tells what was seen.</param>
internal sealed record Fault(string Name, string What, Func<FaultTimes, Task<FaultOutcome>> HaveAsync)
{
    /// <summary>How often the soak has it.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>The longest recovery with the shipped times; null: what is measured is no recovery, or also the work that was left.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>What is asserted beyond <see cref="Promises"/>.</summary>
    public string Also { get; init; } = "";

    /// <summary>Settings that are not the default ones.</summary>
    public string Settings { get; init; } = "";

    /// <param name="name">What goes wrong.</param>
    /// <param name="what">What is done.</param>
    /// <param name="haveAsync">Has the fault in a lab of its own and returns the recovery time.</param>
    /// <param name="plan">What it needs around it.</param>
    public static Fault InLab(string name, string what, Func<FaultLab, Task<TimeSpan>> haveAsync, LabPlan? plan = null) => new(name, what, async times =>
    {
        await using var lab = await FaultLab.CreateAsync(times, plan ?? new LabPlan());
        var recovery = await lab.ExplainAsync(() => haveAsync(lab));
        return new FaultOutcome(recovery, [.. Directory.GetFiles(lab.Hits).Select(Path.GetFileName).Where(name => Enum.IsDefined(typeof(CrashPoint), name!)).Select(name => Enum.Parse<CrashPoint>(name!))]);
    })
    {
        Settings = string.Join(", ", (plan?.Settings ?? new Dictionary<string, string>()).Select(setting => $"`{setting.Key}={setting.Value}`")),
    };

    // Names the test.
    public override string ToString() => Name;
}
