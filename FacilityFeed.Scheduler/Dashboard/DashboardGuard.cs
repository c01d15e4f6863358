using System.Globalization;
using System.Text.RegularExpressions;
using FacilityFeed.Infrastructure.Feeds;
using FacilityFeed.Scheduler.Jobs;
using Hangfire;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Routes = Hangfire.Dashboard.RouteCollection;

namespace FacilityFeed.Scheduler.Dashboard;

/// <summary>
/// Stands before every answer of the web server. Hangfire's command routes obey any method, and the check for forged requests looks at POST alone; its
/// pages throw at an id that is none. So here: GET and HEAD only for what is known to be read, without a body; POST for the rest, checked by Hangfire.
/// </summary>
internal static class DashboardGuard
{
    private const string Reading = "GET, HEAD";
    private const string Dashboard = "/hangfire";

    /// <summary>Hangfire's classes that answer with a page, a style, a script or a font. Whatever else a route may have, now or later, counts as a command.</summary>
    private static readonly HashSet<string> _readers = new(StringComparer.Ordinal) { "RazorPageDispatcher", "CombinedResourceDispatcher", "EmbeddedResourceDispatcher" };

    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var method = http.Request.Method;
        var isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        if (!isRead && !HttpMethods.IsPost(method))
        {
            Refuse(http, $"{Reading}, POST");
        }
        else if (isRead && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            Refuse(http, "POST");
        }
        else if (!http.Request.Path.StartsWithSegments(Dashboard, out var path) || http.RequestServices.GetRequiredService<Routes>().FindDispatcher(path.Value ?? "") is not var (dispatcher, match))
        {
            await next(http);
        }
        else if (isRead && !_readers.Contains(dispatcher.GetType().Name))
        {
            Refuse(http, "POST");
        }
        else if (match.Groups["JobId"] is { Success: true } id && !long.TryParse(id.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else
        {
            // Hangfire's page says itself that there is no such job, or shows an empty queue.
            http.Response.StatusCode = IsKnown(http.RequestServices, match) ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
            await DispatchAsync(http, next);
        }
    }

    private static async Task DispatchAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception refused) when (HttpMethods.IsPost(http.Request.Method) && !http.Response.HasStarted && StatusOf(refused) is not null)
        {
            http.Response.StatusCode = StatusOf(refused)!.Value;
        }
    }

    /// <summary>What a form is answered that any page may send: too many fields, a torn one, an id that is no number. Not as an error of ours.</summary>
    private static int? StatusOf(Exception refused) => refused switch
    {
        AntiforgeryValidationException => StatusCodes.Status403Forbidden,
        BadHttpRequestException unreadable => unreadable.StatusCode,
        InvalidDataException => StatusCodes.Status400BadRequest,
        BackgroundJobClientException { InnerException: FormatException } => StatusCodes.Status404NotFound,
        _ => null,
    };

    private static bool IsKnown(IServiceProvider services, Match route)
    {
        var jobs = services.GetRequiredService<JobStorage>();
        using var connection = jobs.GetConnection();
        return route.Groups["JobId"] is { Success: true } id ? connection.GetJobData(id.Value) is not null
            : route.Groups["Queue"] is not { Success: true } queue || QueuesOf(services, jobs).Contains(queue.Value, StringComparer.Ordinal);
    }

    private static IEnumerable<string> QueuesOf(IServiceProvider services, JobStorage jobs) =>
        [.. services.GetRequiredService<FeedCatalog>().All.SelectMany(feed => FeedQueues.All(feed.Key)), .. jobs.GetMonitoringApi().Queues().Select(queue => queue.Name)];

    private static void Refuse(HttpContext http, string allowed)
    {
        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        http.Response.Headers.Allow = allowed;
        // What is left of a body is not read.
        http.Response.Headers.Connection = "close";
    }
}
