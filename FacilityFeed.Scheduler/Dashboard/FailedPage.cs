using System.Text;
using Hangfire.Dashboard.Resources;

namespace FacilityFeed.Scheduler.Dashboard;

/// <summary>Tells operators what to do with failed jobs, where Hangfire's page has a tip for programmers that is wrong here.</summary>
internal static class FailedPage
{
    private const string Advice = "<strong>Failed jobs stay until they are mended.</strong> Each says below what is wrong and what to do; then <em>Requeue</em> makes a chunk or a "
        + "manifest again, and <code>./run redrive RUN</code> all of a run (of old data only with <code>--force</code>, by default after a day); where only a plan failed, trigger the feed anew. As soon as a later run of the feed is published they go by themselves.";

    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var answer = http.Response.Body;
        using var page = new MemoryStream();
        http.Response.Body = page;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = answer;
        }

        if (page.Length > 0)
        {
            var text = Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length);
            // Hangfire unfolds the first job's class and stack.
            await http.Response.WriteAsync(text
                .Replace(Strings.FailedJobsPage_FailedJobsNotExpire_Warning_Html, Advice, StringComparison.Ordinal)
                .Replace("<div class=\"expandable display-block\">", "<div class=\"expandable\">", StringComparison.Ordinal)
                .Replace(Strings.Common_LessDetails, Strings.Common_MoreDetails, StringComparison.Ordinal), http.RequestAborted);
        }
    }
}
