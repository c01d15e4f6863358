namespace FacilityFeed.Domain.Exporting;

/// <summary>
/// What the attempt at hand (at a chunk, a plan or a manifest) tells whoever watches it: that it gets on, and what it waits for. It flows with the
/// execution, for what it tells of lies deep below: statements of a source, requests to a store. Outside an attempt nobody hears it.
/// </summary>
public sealed class Headway
{
    private static readonly AsyncLocal<Headway?> _current = new();

    private readonly Lock _gate = new();
    private readonly List<Wait> _waits = [];
    private string? _last;
    private long _moves;
    private long _seen;
    private TimeSpan _still;

    /// <summary>How often the attempt got on.</summary>
    public long Moves => Interlocked.Read(ref _moves);

    /// <summary>From now on this one is told, in this flow of execution and all it starts.</summary>
    public void Follow() => _current.Value = this;

    /// <summary>The attempt got on: it is slow perhaps, but not hung.</summary>
    public static void Moved() => _current.Value?.Move();

    /// <summary>Begins a wait that ends by itself, so that nothing need move for so long; disposing it ends it, and both are moves.</summary>
    /// <param name="what">What is waited for, for messages: <c>an answer of s3.example.com</c>.</param>
    /// <param name="limit">How long that may take in all. Only what keeps to it by itself may say so.</param>
    public static IDisposable? WaitFor(string what, TimeSpan limit) => _current.Value is { } attempt ? new Wait(attempt, what, limit) : null;

    /// <summary>So much time has gone by in which the attempt could get on. Counted by the caller: while a process is stopped, or its machine sleeps, none does.</summary>
    /// <param name="time">Since the last call.</param>
    /// <param name="stall">How long nothing need move outside a wait.</param>
    /// <param name="margin">How much longer than its limit a wait may last.</param>
    /// <returns>What hangs, as the first half of a sentence; null when nothing does.</returns>
    public string? Pass(TimeSpan time, TimeSpan stall, TimeSpan margin)
    {
        lock (_gate)
        {
            var moves = Moves;
            _still = moves == _seen ? _still + time : TimeSpan.Zero;
            _seen = moves;
            _waits.ForEach(wait => wait.Lasted += time);
            return _waits.Find(wait => wait.Lasted > wait.Limit + margin) is { } overdue ? $"it has waited {Minutes(overdue.Lasted)} for {overdue.What}, which may take {Minutes(overdue.Limit)}"
                : _waits.Count == 0 && _still > stall ? $"nothing has moved for {Minutes(stall)}{(_last is null ? "" : $" (before, it waited for {_last})")}"
                : null;
        }
    }

    private static string Minutes(TimeSpan time) => FormattableString.Invariant($"{time.TotalMinutes:0.##} min");

    private void Move() => Interlocked.Increment(ref _moves);

    private sealed class Wait : IDisposable
    {
        private readonly Headway _attempt;

        public Wait(Headway attempt, string what, TimeSpan limit)
        {
            (_attempt, What, Limit) = (attempt, what, limit);
            lock (attempt._gate)
            {
                attempt._waits.Add(this);
                attempt._last = what;
                attempt.Move();
            }
        }

        public string What { get; }

        public TimeSpan Limit { get; }

        public TimeSpan Lasted { get; set; }

        public void Dispose()
        {
            lock (_attempt._gate)
            {
                _attempt._waits.Remove(this);
                _attempt.Move();
            }
        }
    }
}
