using System.Runtime.InteropServices;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Ctrl-C and SIGTERM, from the first line of a command on: the first one asks to stop, the second one ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _ctrlC;
    private readonly PosixSignalRegistration _terminate;

    public Interruption()
    {
        _ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _ctrlC.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Interrupt(PosixSignalContext signal)
    {
        signal.Cancel = !_source.IsCancellationRequested;
        if (!signal.Cancel)
        {
            // The shell's prompt comes next, on a line of its own.
            ProgressLine.Clear();
        }

        _source.Cancel();
    }
}
