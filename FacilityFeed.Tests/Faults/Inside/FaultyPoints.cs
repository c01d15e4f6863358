using System.Globalization;
using System.Runtime.InteropServices;
using FacilityFeed.Domain;

namespace FacilityFeed.Tests.Faults.Inside;

/// <summary>What happens to the process at its crash point.</summary>
internal enum FaultKind
{
    /// <summary>kill -9.</summary>
    Kill,

    /// <summary>SIGSTOP: nothing of it moves until somebody sends SIGCONT.</summary>
    Stop,

    /// <summary>The thread never goes on; the process lives.</summary>
    Hang,
}

/// <summary>Lets a process die, stop or hang at one crash point, once.</summary>
/// <param name="at">Where; null: nowhere.</param>
/// <param name="chunk">In which chunk; 0: whichever comes first.</param>
/// <param name="kind">What happens.</param>
/// <param name="hits">A folder that gets a file for each point that was hit.</param>
/// <param name="pace">How long each chunk is held at its first row, so that a run lasts.</param>
internal sealed class FaultyPoints(CrashPoint? at, int chunk, FaultKind kind, string hits, TimeSpan pace) : CrashPoints
{
    /// <summary>The file that is there when the process has gone on for a while after it was stopped.</summary>
    public const string Settled = "settled";

    private const int SigKill = 9;
    private const int SigStop = 19;

    private int _isHit;

    public static FaultyPoints FromEnvironment()
    {
        var at = Environment.GetEnvironmentVariable("FAULT_AT");
        return new FaultyPoints(
            at is null ? null : Enum.Parse<CrashPoint>(at),
            Number("FAULT_CHUNK"),
            Enum.Parse<FaultKind>(Environment.GetEnvironmentVariable("FAULT_KIND") ?? nameof(FaultKind.Kill)),
            Environment.GetEnvironmentVariable("FAULT_HITS") ?? "",
            TimeSpan.FromMilliseconds(Number("FAULT_PACE")));
    }

    public override void Pass(CrashPoint point, int chunk = 0)
    {
        if (point == CrashPoint.ChunkHalfRead && pace > TimeSpan.Zero)
        {
            Thread.Sleep(pace);
        }

        if (point == at && IsMine(chunk) && Interlocked.Exchange(ref _isHit, 1) == 0)
        {
            File.WriteAllText(Path.Combine(hits, point.ToString()), "");
            Happen();
        }
    }

    private static int Number(string name) => int.Parse(Environment.GetEnvironmentVariable(name) ?? "0", CultureInfo.InvariantCulture);

    private bool IsMine(int passing) => chunk == 0 || passing == chunk;

    private void Happen()
    {
        if (kind == FaultKind.Hang)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        // To this very thread: a signal to the process may be taken by another one, and this one run on for a moment.
        _ = Raise(kind == FaultKind.Kill ? SigKill : SigStop);
        // Here goes on who was stopped.
        new Thread(() =>
        {
            Thread.Sleep(TimeSpan.FromSeconds(3));
            File.WriteAllText(Path.Combine(hits, Settled), "");
        })
        { IsBackground = true }.Start();
    }

    [DllImport("libc", EntryPoint = "raise")]
    private static extern int Raise(int signal);
}
