using System.Runtime.CompilerServices;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Diagnosing;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Connects to everything that is configured and says what is wrong and what to do. Makes no feed.</summary>
internal static class DoctorCommand
{
    private const string Settings = "settings";

    // Whoever asks what is wrong wants an answer, also from a server that never comes to an end.
    private static readonly TimeSpan _installLimit = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(bool isJson, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        await foreach (var finding in ExamineAsync(isJson, cancellationToken))
        {
            await Console.Out.WriteLineAsync(isJson ? FindingJson.Of(finding) : finding.ToString());
            findings.Add(finding);
        }

        if (isJson)
        {
            await Console.Out.WriteLineAsync(FindingJson.Of(findings));
        }

        return findings.Any(finding => finding.Severity == Severity.Error) ? CommandLine.BadConfiguration : CommandLine.Ok;
    }

    private static async IAsyncEnumerable<Finding> ExamineAsync(bool isJson, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (settings, problems) = Read(isJson);
        foreach (var problem in problems)
        {
            yield return problem;
        }

        if (settings is null)
        {
            yield break;
        }

        var (databases, found) = await OpenAsync(settings, cancellationToken);
        await using var opened = databases;
        foreach (var finding in found)
        {
            yield return finding;
        }

        await using var examination = new Examination(settings, databases, TimeProvider.System);
        foreach (var check in examination.Checks)
        {
            foreach (var finding in await check.ExamineAsync(cancellationToken))
            {
                yield return finding;
            }
        }
    }

    /// <summary>Settings that cannot be read are told by the command line, all of them at once, unless a program wants to read them.</summary>
    private static (ServiceSettings? Settings, IReadOnlyList<Finding> Findings) Read(bool isJson)
    {
        try
        {
            var settings = SettingsSource.ReadQuietly();
            return (settings,
            [
                new Finding(Severity.Ok, Settings, $"feeds {string.Join(", ", settings.Feeds.Keys)}; stores {string.Join(", ", settings.Stores.Keys)}"),
                .. settings.Warnings.Select(warning => new Finding(Severity.Warning, Settings, warning)),
            ]);
        }
        catch (SettingsException wrong) when (isJson)
        {
            return (null, [.. wrong.Problems.Select(problem => new Finding(Severity.Error, Settings, problem))]);
        }
    }

    private static async Task<(Databases? Databases, IReadOnlyList<Finding> Findings)> OpenAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        var found = new List<Finding>();
        Databases? databases = null;
        try
        {
            found.AddRange(Folders.Close(settings).Select(taken => new Finding(Severity.Warning, Settings, taken)));
            // Whoever asks what is wrong wants to know now.
            databases = await Databases.OpenAsync(settings, new Patience(TimeProvider.System, limit: TimeSpan.Zero), cancellationToken);
            Folders.Prepare(settings.State);
            await HangfireStorage.InstallAsync(databases, cancellationToken, _installLimit);
            return (databases, found);
        }
        catch (FeedException refused)
        {
            await (databases?.DisposeAsync() ?? ValueTask.CompletedTask);
            return (null, [.. found, new Finding(Severity.Error, StateExam.Subject, refused.Message)]);
        }
    }
}
