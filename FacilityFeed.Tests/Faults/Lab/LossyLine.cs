using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>
/// Stands between the service and a PostgreSQL server. Of the transactions that its rules name, the server gets the last word and does it,
/// and the connection breaks before the answer arrives: the service cannot know. Or it is a long way to the server. The service comes over TCP,
/// the server has a socket.
/// </summary>
internal sealed class LossyLine : IAsyncDisposable
{
    private static readonly byte[] _commit = "COMMIT\0"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly UnixDomainSocketEndPoint _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private IReadOnlyList<Rule> _rules = [];
    private int _lost;
    private int _roundTrips;
    private long _delay;

    private LossyLine(string socket)
    {
        _server = new UnixDomainSocketEndPoint(socket);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on, loses the reply to the COMMIT of every so-many-th transaction that sent a text.</summary>
    public void Lose(params (string Text, int Every)[] rules) => _rules = [.. rules.Select(rule => new Rule(Encoding.UTF8.GetBytes(rule.Text), rule.Every, IsWhole: false))];

    /// <summary>Also loses the reply to every so-many-th statement with a text that is a transaction by itself.</summary>
    public void LoseAlso(params (string Text, int Every)[] statements) => _rules = [.. _rules, .. statements.Select(rule => new Rule(Encoding.UTF8.GetBytes(rule.Text), rule.Every, IsWhole: true))];

    /// <summary>How many replies were lost.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>How long each question is on its way to the server and back, from now on.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delay));
        set => Volatile.Write(ref _delay, value.Ticks);
    }

    /// <summary>How often a connection has asked something after it had got an answer.</summary>
    public int RoundTrips => Volatile.Read(ref _roundTrips);

    public static LossyLine To(string socket) => new(socket);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // The line is taken down.
        }
    }

    private async Task ServeAsync(TcpClient accepted)
    {
        using var client = accepted;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.NoDelay = true;
        try
        {
            await socket.ConnectAsync(_server, _stop.Token);
            await using var server = new NetworkStream(socket);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var isCut = false;
            var isAnswered = 1;
            var sent = new HashSet<Rule>();
            var forth = PumpAsync(client.GetStream(), server, async bytes =>
            {
                isCut |= IsLost(bytes.Span, sent);
                if (Interlocked.Exchange(ref isAnswered, 0) == 1)
                {
                    Interlocked.Increment(ref _roundTrips);
                    await Task.Delay(Delay, over.Token);
                }

                return true;
            }, over);
            var back = PumpAsync(server, client.GetStream(), _ =>
            {
                Volatile.Write(ref isAnswered, 1);
                return ValueTask.FromResult(!isCut);
            }, over);
            await Task.WhenAll(forth, back);
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
        {
            // One side is gone, and so the other.
        }
    }

    /// <param name="from">Read.</param>
    /// <param name="to">Written.</param>
    /// <param name="passes">Sees what was read; false loses it and breaks the line.</param>
    /// <param name="over">Cancelled when either direction ends.</param>
    private static async Task PumpAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, ValueTask<bool>> passes, CancellationTokenSource over)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, over.Token) is > 0 and var count && await passes(buffer.AsMemory(0, count)))
            {
                await to.WriteAsync(buffer.AsMemory(0, count), over.Token);
            }
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    /// <param name="bytes">What the service sends.</param>
    /// <param name="sent">The rules whose text this connection has sent since its last COMMIT.</param>
    private bool IsLost(ReadOnlySpan<byte> bytes, HashSet<Rule> sent)
    {
        var isLost = false;
        foreach (var rule in _rules)
        {
            if (bytes.IndexOf(rule.Text) < 0)
            {
                continue;
            }

            if (rule.IsWhole)
            {
                isLost |= rule.IsTurn();
            }
            else
            {
                sent.Add(rule);
            }
        }

        if (bytes.IndexOf(_commit) >= 0)
        {
            foreach (var rule in sent)
            {
                // Every rule counts, also where another one loses the reply already.
                isLost |= rule.IsTurn();
            }

            sent.Clear();
        }

        if (isLost)
        {
            Interlocked.Increment(ref _lost);
        }

        return isLost;
    }

    private sealed record Rule(byte[] Text, int Every, bool IsWhole)
    {
        private int _commits;

        public bool IsTurn() => Interlocked.Increment(ref _commits) % Every == 0;
    }
}
