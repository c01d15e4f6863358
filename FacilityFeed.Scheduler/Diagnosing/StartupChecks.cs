using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>
/// Looks at all that feeds are made with while a service starts, and says at once what would make the next run fail. Nothing waits for it.
/// What is wrong is looked at again, ever more rarely, so that the log also says when it is well.
/// </summary>
public sealed partial class StartupChecks(ServiceSettings settings, Databases databases, TimeProvider time, ILogger<StartupChecks> log) : BackgroundService
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMinutes(1);

    // A wrong password that is tried too often locks the account on some servers.
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(15);

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var examination = new Examination(settings, databases, time);
            var left = await ExamineAsync(examination.Checks, isAgain: false, stoppingToken);
            for (var pause = _firstPause; left.Count > 0; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
            {
                await Task.Delay(pause, time, stoppingToken);
                left = await ExamineAsync(left, isAgain: true, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service ends.
        }
        catch (Exception failure)
        {
            // A service does its work without being looked at.
            LogBroken("everything", failure);
        }
    }

    /// <returns>The checks that found an error.</returns>
    private async Task<IReadOnlyList<Check>> ExamineAsync(IReadOnlyList<Check> checks, bool isAgain, CancellationToken cancellationToken)
    {
        // Side by side: a host that does not answer must not keep the others from being looked at.
        var worst = await Task.WhenAll(checks.Select(check => ExamineAsync(check, isAgain, cancellationToken)));
        if (!isAgain)
        {
            var well = worst.Count(severity => severity == Severity.Ok);
            LogSummary(well, worst.Length, well == worst.Length ? "" : ": ./run doctor makes them again");
        }

        return [.. checks.Zip(worst).Where(pair => pair.Second == Severity.Error).Select(pair => pair.First)];
    }

    private async Task<Severity> ExamineAsync(Check check, bool isAgain, CancellationToken cancellationToken)
    {
        try
        {
            var findings = await check.ExamineAsync(cancellationToken);
            Say(findings);
            var worst = findings.Max(finding => finding.Severity);
            if (isAgain && worst != Severity.Error)
            {
                LogWell(check.Subject, string.Join("; ", findings.Select(finding => finding.Text)));
            }

            return worst;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // What a check did not expect says nothing about its subject; it is not tried again.
            LogBroken(check.Subject, failure);
            return Severity.Warning;
        }
    }

    private void Say(IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings.Where(finding => finding.Severity != Severity.Ok))
        {
            lock (_said)
            {
                if (!_said.Add(finding.ToString()))
                {
                    continue;
                }
            }

            LogFound(finding.Subject, finding.Text);
        }
    }

    [LoggerMessage(9001, LogLevel.Information, "Checks at start: {Well} of {All} ok{Remedy}")]
    private partial void LogSummary(int well, int all, string remedy);

    [LoggerMessage(9002, LogLevel.Warning, "{Subject}: {Text}")]
    private partial void LogFound(string subject, string text);

    [LoggerMessage(9003, LogLevel.Information, "{Subject} is well now: {Text}")]
    private partial void LogWell(string subject, string text);

    [LoggerMessage(9004, LogLevel.Warning, "The check of {Subject} broke off; the service goes on")]
    private partial void LogBroken(string subject, Exception failure);
}
