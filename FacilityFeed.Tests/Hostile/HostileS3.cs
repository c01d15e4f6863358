using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FacilityFeed.Tests.Hostile;

/// <summary>A request as it came.</summary>
/// <param name="Head">Its first line and its headers.</param>
/// <param name="BodyBytes">How many bytes its body had.</param>
public sealed record HostileRequest(string Head, long BodyBytes)
{
    public string Method => Head.Split(' ')[0];

    /// <summary>Path and query, escaped as they came.</summary>
    public string Target => Head.Split(' ')[1];

    /// <summary>A header's value; null when it has none.</summary>
    public string? this[string name] => Head.Split("\r\n").Skip(1)
        .Where(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();
}

/// <summary>The connection that an answer is written to; closed when the script is at its end.</summary>
public sealed class HostileConnection(Stream stream, CancellationToken end)
{
    /// <summary>Ends when the server is stopped.</summary>
    public CancellationToken End => end;

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes, end).AsTask();

    public Task SendAsync(string latin1) => SendAsync(Encoding.Latin1.GetBytes(latin1));

    /// <summary>A whole answer with its length.</summary>
    public Task AnswerAsync(string status, string body, string headers = "") =>
        SendAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"));

    /// <summary>Says nothing more until the other side goes.</summary>
    public async Task FallSilentAsync()
    {
        var ignored = new byte[4096];
        while (await stream.ReadAsync(ignored, end) > 0)
        {
            // What comes is thrown away.
        }
    }

    /// <summary>Sends one byte after the other until the other side goes.</summary>
    public async Task TrickleAsync(TimeSpan pause, string letter = " ")
    {
        using var timer = new PeriodicTimer(pause);
        while (await timer.WaitForNextTickAsync(end))
        {
            await SendAsync(letter);
        }
    }

    /// <summary>Sends the same again and again until the other side goes.</summary>
    /// <param name="piece">What is sent.</param>
    /// <param name="most">Most bytes: an honest end, for whoever would read for ever.</param>
    public async Task FloodAsync(string piece, long most = long.MaxValue)
    {
        var bytes = Encoding.Latin1.GetBytes(piece);
        for (var sent = 0L; sent < most; sent += bytes.Length)
        {
            await SendAsync(bytes);
        }
    }
}

/// <summary>
/// Stands for an S3 server that is broken or means harm: on a port of its own, it answers each request with the very bytes that a
/// script writes, when the script writes them.
/// </summary>
public sealed class HostileS3 : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<HostileRequest> _requests = [];
    private readonly Task _accepting;
    private long _left;

    /// <param name="script">Answers one request; the connection is closed after it.</param>
    public HostileS3(Func<HostileRequest, HostileConnection, Task> script)
    {
        Script = script;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>How a request is answered; may be changed between requests.</summary>
    public Func<HostileRequest, HostileConnection, Task> Script { get; set; }

    /// <summary>Whether requests are kept for <see cref="Requests"/>.</summary>
    public bool KeepsRequests { get; init; } = true;

    /// <summary>What came so far.</summary>
    public IReadOnlyList<HostileRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>How many connections the other side has left while something was still to be sent, or waited for.</summary>
    public long Left => Interlocked.Read(ref _left);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                serving.RemoveAll(task => task.IsCompleted);
                serving.Add(ServeAsync(socket));
            }
        }
        // The listener says that it is closed in several ways.
        catch (Exception) when (_end.IsCancellationRequested)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        await using var stream = new NetworkStream(socket);
        try
        {
            if (await ReadAsync(stream) is { } request)
            {
                await Script(request, new HostileConnection(stream, _end.Token));
                // Else what is on its way may be lost with the connection.
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
        {
            Interlocked.Increment(ref _left);
        }
    }

    private async Task<HostileRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[64 * 1024];
        while (true)
        {
            var read = await stream.ReadAsync(one, _end.Token);
            if (read == 0)
            {
                return null;
            }

            head.AddRange(one.AsSpan(0, read));
            var text = Encoding.Latin1.GetString([.. head]);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end && end > 0)
            {
                return await ReadBodyAsync(stream, new HostileRequest(text[..end], 0), text.Length - end - 4, one);
            }
        }
    }

    private async Task<HostileRequest> ReadBodyAsync(NetworkStream stream, HostileRequest request, long got, byte[] buffer)
    {
        if (request["Expect"] is not null)
        {
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _end.Token);
        }

        var length = long.Parse(request["Content-Length"] ?? "0", CultureInfo.InvariantCulture);
        while (got < length && await stream.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            got += read;
        }

        request = request with { BodyBytes = got };
        if (KeepsRequests)
        {
            lock (_requests)
            {
                _requests.Add(request);
            }
        }

        return request;
    }
}
