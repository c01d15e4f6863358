using System.Buffers.Binary;
using System.Text;

namespace FacilityFeed.Tests.Hostile;

/// <summary>
/// As much of PostgreSQL's protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html) as a hostile server needs: each
/// message as bytes, and the dialogue up to where a script wants to go wrong.
/// </summary>
public static class HostilePostgres
{
    private const int SslRequest = 80877103;
    private const int GssRequest = 80877104;

    /// <summary>The server asks for the password in clear text.</summary>
    public static byte[] AskForClearText { get; } = Message('R', [0, 0, 0, 3]);

    /// <summary>The server asks for an MD5 of the password.</summary>
    public static byte[] AskForMd5 { get; } = Message('R', [0, 0, 0, 5, 1, 2, 3, 4]);

    public static byte[] AuthenticationOk { get; } = Message('R', [0, 0, 0, 0]);

    /// <summary>Idle, or within a transaction as all our reads are.</summary>
    public static byte[] Ready { get; } = Message('Z', [(byte)'T']);

    /// <summary>What follows a successful login.</summary>
    public static byte[] Greeting { get; } =
    [
        .. AuthenticationOk, .. Parameter("server_version", "15.14"), .. Parameter("client_encoding", "UTF8"), .. Parameter("server_encoding", "UTF8"),
        .. Parameter("integer_datetimes", "on"), .. Parameter("standard_conforming_strings", "on"), .. Message('K', [0, 0, 0, 9, 0, 0, 0, 9]), .. Message('Z', [(byte)'I']),
    ];

    public static byte[] Message(char type, byte[] body) => [(byte)type, .. Number(body.Length + 4), .. body];

    /// <summary>A message that claims another length than it has.</summary>
    public static byte[] Claiming(char type, int length, params byte[] body) => [(byte)type, .. Number(length), .. body];

    public static byte[] Error(string sqlState, string message, string severity = "ERROR") =>
        Message('E', [(byte)'S', .. Text(severity), (byte)'V', .. Text(severity), (byte)'C', .. Text(sqlState), (byte)'M', .. Text(message), 0]);

    public static byte[] Notice(string message) => Message('N', [(byte)'S', .. Text("NOTICE"), (byte)'V', .. Text("NOTICE"), (byte)'C', .. Text("00000"), (byte)'M', .. Text(message), 0]);

    public static byte[] Parameter(string name, string value) => Message('S', [.. Text(name), .. Text(value)]);

    /// <summary>One row of one column of text.</summary>
    public static byte[] Row(string value) => Message('D', [0, 1, .. Number(Encoding.UTF8.GetByteCount(value)), .. Encoding.UTF8.GetBytes(value)]);

    public static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    /// <summary>Hears the start of a connection, and refuses encryption.</summary>
    /// <returns>False for a request to cancel another connection's statement.</returns>
    public static async Task<bool> StartAsync(HostileTalk talk)
    {
        while (true)
        {
            var length = await talk.HearInt32Async();
            var code = BinaryPrimitives.ReadInt32BigEndian(await talk.HearAsync(length - 4));
            if (code is not (SslRequest or GssRequest))
            {
                return code >> 16 == 3;
            }

            await talk.SayAsync((byte)'N');
        }
    }

    /// <summary>Lets a client in, who need not prove anything.</summary>
    /// <returns>As <see cref="StartAsync"/>.</returns>
    public static async Task<bool> LetInAsync(HostileTalk talk)
    {
        if (!await StartAsync(talk))
        {
            return false;
        }

        await talk.SayAsync(Greeting);
        return true;
    }

    /// <summary>One message of a client that was let in.</summary>
    public static async Task<(char Type, byte[] Body)> HearAsync(HostileTalk talk)
    {
        var type = (char)(await talk.HearAsync(1))[0];
        return (type, await talk.HearAsync(await talk.HearInt32Async() - 4));
    }

    /// <summary>Hears messages up to one that a server answers: a query, or a Sync.</summary>
    public static async Task HearTurnAsync(HostileTalk talk)
    {
        while ((await HearAsync(talk)).Type is not ('Q' or 'S' or 'X'))
        {
        }
    }

    /// <summary>A server that lets everybody in, and then gives every query the same answer.</summary>
    public static HostileServer Answering(params byte[] answer) => new(async talk =>
    {
        while (await LetInAsync(talk))
        {
            while (true)
            {
                await HearTurnAsync(talk);
                await talk.SayAsync(answer);
            }
        }
    });
}
