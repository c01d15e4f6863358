using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FacilityFeed.Tests.Hostile;
using Npgsql;

namespace FacilityFeed.Tests.Embedded;

/// <summary>Waits where a server was and asks whoever comes for a password, in a way of its own choice.</summary>
internal sealed class ImpostorServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly byte[] _question;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly StringBuilder _heard = new();

    private ImpostorServer(EndPoint place, byte[] question)
    {
        _question = question;
        _listener = place is IPEndPoint ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(place);
        _listener.Listen();
        _serving = ServeAsync();
    }

    /// <summary>AuthenticationCleartextPassword.</summary>
    public static byte[] ClearText { get; } = Question(3);

    /// <summary>AuthenticationMD5Password, with its salt.</summary>
    public static byte[] Md5 { get; } = Question(5, 1, 2, 3, 4);

    /// <summary>AuthenticationOk, and all that lets a client ask its first question: come in, whoever you are.</summary>
    public static byte[] Nothing { get; } = HostilePostgres.Greeting;

    /// <summary>All that came after the first message, as Latin-1.</summary>
    public async Task<string> HeardAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        return _heard.ToString();
    }

    /// <summary>In the place that a connection string names.</summary>
    public static ImpostorServer At(string connectionString, byte[] question)
    {
        var (host, port) = new NpgsqlConnectionStringBuilder(connectionString) is var parts ? (parts.Host!, parts.Port) : default;
        if (host[0] != '/')
        {
            return new ImpostorServer(new IPEndPoint(IPAddress.Parse(host), port), question);
        }

        var socket = Path.Combine(host, $".s.PGSQL.{port}");
        File.Delete(socket);
        return new ImpostorServer(new UnixDomainSocketEndPoint(socket), question);
    }

    public async ValueTask DisposeAsync()
    {
        await HeardAsync();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync(_stop.Token);
                var buffer = new byte[8192];
                await client.ReceiveAsync(buffer, _stop.Token);
                await client.SendAsync(_question, _stop.Token);
                while (await client.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
                {
                    _heard.Append(Encoding.Latin1.GetString(buffer, 0, count));
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // The test has what it wants to know.
        }
    }

    private static byte[] Question(int kind, params byte[] salt)
    {
        var message = new byte[9 + salt.Length];
        message[0] = (byte)'R';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 8 + salt.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(5), kind);
        salt.CopyTo(message, 9);
        return message;
    }
}
