using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Shows on stderr how far an active run is: one line written over on a terminal, plain lines with every tenth elsewhere.</summary>
internal sealed class ProgressLine(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _recordsAtStart = -1;
    private string _stage = "";
    private string? _trouble;

    public void Show(RunView run)
    {
        if (!RunTransitions.IsActive(run.State))
        {
            // The command's answer says how it ended.
            return;
        }

        _recordsAtStart = _recordsAtStart < 0 ? run.Records : _recordsAtStart;
        if (run.Reason != _trouble && run.Reason is not null)
        {
            Console.Error.WriteLine($"run {run.Id} {StateName.Of(run.State)}: {PrintedText.InOneLine(run.Reason)}");
        }

        _trouble = run.Reason;
        if (StatusLine.OfTerminal is { } terminal)
        {
            terminal.Show(Describe(run));
        }
        else if (Stage(run) is var stage && stage != _stage)
        {
            _stage = stage;
            Console.Error.WriteLine(Describe(run));
        }
    }

    /// <summary>Whether this was the last thing said of what keeps the run from getting on.</summary>
    public bool HasSaid(string? reason) => reason is not null && reason == _trouble;

    public static void Clear() => StatusLine.OfTerminal?.Show("");

    private static string Stage(RunView run) => $"{run.State} {(run.ChunkCount is > 0 ? run.ChunksDone * 10 / run.ChunkCount : 0)}";

    private string Describe(RunView run)
    {
        var state = StateName.Of(run.State);
        if (run.ChunkCount is not { } all)
        {
            return $"run {run.Id} {state}";
        }

        // A narrow terminal cuts the end off.
        var (failed, more) = run.ChunksFailed > 0 ? ($", {run.ChunksFailed} failed", $", see ./run status {run.Id}") : ("", "");
        return $"run {run.Id} {state}: {run.ChunksDone}/{Counted.Of(all, "chunk")}{failed}, {Counted.Of(run.Records, "record")}{(run.State == RunState.Running ? Rate(run) : "")}{more}";
    }

    private string Rate(RunView run)
    {
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        var perSecond = seconds > 0 ? (run.Records - _recordsAtStart) / seconds : 0;
        if (perSecond < 1)
        {
            return "";
        }

        var left = Math.Max(0, ((run.PlannedRows ?? 0) - run.Records) / perSecond);
        return string.Create(CultureInfo.InvariantCulture, $", {perSecond:N0}/s, {TimeSpan.FromSeconds(left):hh\\:mm\\:ss} left");
    }
}
