using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;

namespace FacilityFeed.Scheduler.Scheduling;

/// <summary>
/// Names a trigger job. On the recurring page, where the name stands for the feed's schedule, it also says how the feed stands; elsewhere
/// it names what happened at its own time.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RecurringJobNameAttribute(string displayName) : JobDisplayNameAttribute(displayName)
{
    public override string Format(DashboardContext context, Job job)
    {
        var plain = base.Format(context, job);
        return context.Request.Path == "/recurring" && context.GetHttpContext().RequestServices.GetService<RecurringNames>() is { } names
            ? names.Explain(plain, (string)job.Args[0])
            : plain;
    }
}
