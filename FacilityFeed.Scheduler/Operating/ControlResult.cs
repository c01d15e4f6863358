namespace FacilityFeed.Scheduler.Operating;

/// <summary>What came of a person's order.</summary>
/// <param name="IsDone">Whether it was carried out; otherwise nothing was changed.</param>
/// <param name="Message">What was done, or why it was refused; one line.</param>
public sealed record ControlResult(bool IsDone, string Message)
{
    public static ControlResult Done(string message) => new(true, message);

    public static ControlResult Refused(string message) => new(false, message);
}
