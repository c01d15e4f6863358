namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>How the schedule asks for a run, as it is kept with the run and shown. Beside it there are <see cref="TriggerRequests.TriggerNow"/> and <c>command</c>.</summary>
public static class TriggerOrigins
{
    /// <summary>The feed's schedule, in time.</summary>
    public const string Schedule = "schedule";

    /// <summary>The feed's schedule, whose time was missed.</summary>
    public const string Late = "missed, made late";
}
