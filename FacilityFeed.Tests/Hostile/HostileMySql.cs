using System.Text;

namespace FacilityFeed.Tests.Hostile;

/// <summary>
/// As much of MySQL's protocol (https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html) as a hostile server needs: each packet as
/// bytes, and the dialogue up to where a script wants to go wrong.
/// </summary>
public static class HostileMySql
{
    // Long passwords, 4.1 protocol, transactions, secure connection, plugin names, multiple results.
    private const uint Capabilities = 0x0000_0001 | 0x0000_0008 | 0x0000_0200 | 0x0000_2000 | 0x0000_8000 | 0x0002_0000 | 0x0008_0000;

    /// <summary>What a server of version 8 begins with. It offers no TLS.</summary>
    public static byte[] Greeting { get; } = Packet(0,
    [
        10, .. Text("8.0.36"), 9, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, .. Low(Capabilities), 45, 2, 0, .. High(Capabilities), 21,
        .. new byte[10], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, .. Text("mysql_native_password"),
    ]);

    /// <summary>The server wants the client to prove itself in another way.</summary>
    public static byte[] AskFor(byte sequence, string plugin) => Packet(sequence, [0xfe, .. Text(plugin), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 0]);

    public static byte[] Ok(byte sequence) => Packet(sequence, [0, 0, 0, 2, 0, 0, 0]);

    public static byte[] Error(byte sequence, int code, string sqlState, string message) =>
        Packet(sequence, [0xff, (byte)code, (byte)(code >> 8), (byte)'#', .. Encoding.UTF8.GetBytes(sqlState), .. Encoding.UTF8.GetBytes(message)]);

    public static byte[] Packet(byte sequence, byte[] payload) => Claiming(payload.Length, sequence, payload);

    /// <summary>A packet that claims another length than it has.</summary>
    public static byte[] Claiming(int length, byte sequence, params byte[] payload) => [(byte)length, (byte)(length >> 8), (byte)(length >> 16), sequence, .. payload];

    public static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    /// <summary>One packet of the client.</summary>
    public static async Task<(byte Sequence, byte[] Payload)> HearAsync(HostileTalk talk)
    {
        var head = await talk.HearAsync(4);
        return (head[3], await talk.HearAsync(head[0] | head[1] << 8 | head[2] << 16));
    }

    /// <summary>Lets a client in, who need not prove anything.</summary>
    public static async Task LetInAsync(HostileTalk talk)
    {
        await talk.SayAsync(Greeting);
        var (sequence, _) = await HearAsync(talk);
        await talk.SayAsync(Ok((byte)(sequence + 1)));
    }

    /// <summary>A server that lets everybody in, and then gives every command the same answer.</summary>
    public static HostileServer Answering(params byte[] answer) => new(async talk =>
    {
        await LetInAsync(talk);
        while (true)
        {
            await HearAsync(talk);
            await talk.SayAsync(answer);
        }
    });

    private static byte[] Low(uint value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] High(uint value) => Low(value >> 16);
}
