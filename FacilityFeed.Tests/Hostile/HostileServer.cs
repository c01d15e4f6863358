using System.Net;
using System.Net.Sockets;

namespace FacilityFeed.Tests.Hostile;

/// <summary>
/// A server of raw bytes on a free port of loopback: it says to each connection whatever its script says, and keeps what it was sent.
/// A script that ends closes its connection, and so does a client that is gone.
/// </summary>
public class HostileServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _received = new();
    private readonly List<Task> _talks = [];
    private readonly Func<HostileTalk, Task> _script;
    private readonly Task _accepting;

    /// <param name="script">What it does with a connection.</param>
    /// <param name="address">Where it listens; null: on loopback.</param>
    public HostileServer(Func<HostileTalk, Task> script, IPAddress? address = null)
    {
        _script = script;
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start(backlog: 512);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All bytes that any client sent so far.</summary>
    public byte[] Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToArray();
            }
        }
    }

    /// <summary>Ends when every client has closed its connection, or each script has ended.</summary>
    public Task AllGoneAsync()
    {
        lock (_talks)
        {
            return Task.WhenAll([.. _talks]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        Task[] talks;
        lock (_talks)
        {
            talks = [.. _talks];
        }

        await Task.WhenAll(talks);
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    internal void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_received)
        {
            // Property tests ask thousands of times, and look at none of it.
            if (_received.Length < 1024 * 1024)
            {
                _received.Write(bytes);
            }
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                lock (_talks)
                {
                    _talks.RemoveAll(talk => talk.IsCompleted);
                    _talks.Add(Task.Run(() => TalkAsync(client)));
                }
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await _script(new HostileTalk(this, client.GetStream(), _stop.Token));
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client is gone, or the test is over.
            }
        }
    }
}
