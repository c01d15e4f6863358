using System.Diagnostics;
using System.Net;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>The real service as a process of its own.</summary>
internal sealed class FaultService(ProgramRun run, Uri address) : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address };

    public ProgramRun Run => run;

    /// <summary>When it was found dead.</summary>
    public long DiedAt { get; private set; }

    /// <summary>"Trigger now" in its dashboard.</summary>
    public async Task TriggerAsync()
    {
        using var answer = await Dashboard.TriggerAsync(_http);
        Assert.That(answer.IsSuccessStatusCode, $"Trigger now: {answer.StatusCode}");
    }

    /// <summary>"Delete" or "Requeue" on a job's page in its dashboard.</summary>
    public async Task OrderAsync(string order, string jobId)
    {
        using var answer = await Dashboard.OrderAsync(_http, order, jobId);
        Assert.That((int)answer.StatusCode, Is.LessThan(400), $"{order} of job {jobId}");
    }

    /// <summary>Waits until it dies of its crash point.</summary>
    public async Task DieAsync()
    {
        await run.DieAsync();
        DiedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await run.SignalAsync("KILL");
        await DieAsync();
    }

    /// <summary>Waits until it is stopped by SIGSTOP.</summary>
    public Task FreezeAsync() => Until.TrueAsync(() => Task.FromResult(run.IsStopped), TimeSpan.FromSeconds(60), "the process to be stopped");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await run.DisposeAsync();
    }
}
