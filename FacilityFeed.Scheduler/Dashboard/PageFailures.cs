using FacilityFeed.Domain;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using Npgsql;

namespace FacilityFeed.Scheduler.Dashboard;

/// <summary>
/// Answers for a page that fails, in words for a person. A state database that is away is said by others in the log; anything else, also what one that
/// is there refuses, has one line a minute there, however often a page is asked for.
/// </summary>
public sealed partial class PageFailures(TimeProvider time, ILogger<PageFailures> log)
{
    private static readonly TimeSpan _quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _saidAt;

    /// <summary>The rest of the way of a request, or the answer for its failure.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            var cause = StateFailure.CauseOf(failure);
            if (cause is { } away && StateFailure.IsAway(away))
            {
                http.Response.Headers.RetryAfter = "5";
                await AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, $"{StateFailure.Sort(away).Message}. The page comes back with the database; what runs meanwhile goes on by itself.");
            }
            else if (cause is NpgsqlException or OverdueException && !IsOfAValue(cause))
            {
                var reason = StateFailure.Sort(cause).Message;
                Say(() => LogRefused(ShownValue.Of(http.Request.Path), reason));
                await AnswerAsync(http, StatusCodes.Status500InternalServerError, $"This page cannot be shown. {reason}.");
            }
            else
            {
                Say(() => LogFailed(ShownValue.Of(http.Request.Path), failure.GetType().Name, ForeignText.InOneLine(failure.Message)));
                await AnswerAsync(http, StatusCodes.Status500InternalServerError, "This page cannot be shown. Most likely a row of the state database that it shows is none that this program has written; "
                    + "the service's log says what cannot be read. The other pages and all feeds go on.");
            }
        }
    }

    private static Task AnswerAsync(HttpContext http, int status, string words)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync($"{words}\n", CancellationToken.None);
    }

    // Class 22, data exception: it stands in a row.
    private static bool IsOfAValue(Exception failure) => failure is PostgresException { SqlState: var state } && state.StartsWith("22", StringComparison.Ordinal);

    private void Say(Action say)
    {
        lock (_gate)
        {
            if (_saidAt is { } before && time.GetElapsedTime(before) < _quiet)
            {
                return;
            }

            _saidAt = time.GetTimestamp();
        }

        say();
    }

    [LoggerMessage(9101, LogLevel.Warning, "The dashboard's page {Path} cannot be shown ({Kind}: {Reason}). Most likely a row of the state database is none that this program has written: look who may write there. Said once a minute at most")]
    private partial void LogFailed(string path, string kind, string reason);

    [LoggerMessage(9102, LogLevel.Warning, "The dashboard's page {Path} cannot be shown: {Reason}. Said once a minute at most")]
    private partial void LogRefused(string path, string reason);
}
