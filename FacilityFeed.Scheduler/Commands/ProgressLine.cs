using System.Globalization;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Shows on stderr how far a run is: one line written over on a terminal, plain lines with every tenth elsewhere.</summary>
internal sealed class ProgressLine(TimeProvider time) : IDisposable
{
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _start = time.GetTimestamp();
    private long _recordsAtStart = -1;
    private string _shown = "";
    private string _stage = "";

    public void Show(RunView run)
    {
        _recordsAtStart = _recordsAtStart < 0 ? run.Records : _recordsAtStart;
        var line = Describe(run);
        if (_isTerminal)
        {
            ShowOver(line);
        }
        else if (Stage(run) is var stage && stage != _stage)
        {
            _stage = stage;
            Console.Error.WriteLine(line);
        }
    }

    public void Dispose()
    {
        if (_isTerminal && _shown.Length > 0)
        {
            Console.Error.WriteLine();
        }
    }

    private void ShowOver(string line)
    {
        // A line that wraps could not be written over.
        var width = Console.WindowWidth > 1 ? Console.WindowWidth - 1 : 79;
        line = line.Length > width ? line[..width] : line;
        if (line != _shown)
        {
            Console.Error.Write("\r" + line.PadRight(_shown.Length));
            _shown = line;
        }
    }

    private static string Stage(RunView run) => $"{run.State} {(run.ChunkCount is > 0 ? run.ChunksDone * 10 / run.ChunkCount : 0)} {run.Reason}";

    private string Describe(RunView run)
    {
        var state = StateName.Of(run.State);
        if (run.ChunkCount is not { } all)
        {
            return $"run {run.Id} {state}{(run.Reason is null ? "" : $": {run.Reason}")}";
        }

        var failed = run.ChunksFailed > 0 ? $", {run.ChunksFailed} failed" : "";
        return string.Create(CultureInfo.InvariantCulture, $"run {run.Id} {state}: {run.ChunksDone}/{all} chunks{failed}, {run.Records:N0} records{(run.State == RunState.Running ? Rate(run) : "")}");
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
