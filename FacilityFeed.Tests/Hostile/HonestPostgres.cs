using System.Buffers.Binary;
using System.Text;

namespace FacilityFeed.Tests.Hostile;

/// <summary>What a PostgreSQL with three facilities answers to our reads; a test changes its bytes where it wants them to go wrong.</summary>
public static class HonestPostgres
{
    private const int Bool = 16;
    private const int Int8 = 20;
    private const int TextType = 25;

    private static readonly string[] _columns = ["id", "name", "phone", "url", "latitude", "longitude", "country", "locality", "region", "postal_code", "street_address"];

    /// <summary>Answers message by message until the client goes.</summary>
    /// <param name="talk">A connection that was let in.</param>
    /// <param name="change">What is sent in the place of each answer.</param>
    public static async Task AnswerAsync(HostileTalk talk, Func<byte[], byte[]> change)
    {
        var sql = "";
        while (true)
        {
            var (type, body) = await HostilePostgres.HearAsync(talk);
            sql = type switch { 'Q' => TextAt(body, 0), 'P' => TextAt(body, Array.IndexOf(body, (byte)0) + 1), _ => sql };
            var answer = type switch
            {
                'Q' => sql.StartsWith("COPY", StringComparison.Ordinal) ? Copy() : [.. Complete, .. HostilePostgres.Ready],
                'P' => HostilePostgres.Message('1', []),
                'B' => HostilePostgres.Message('2', []),
                'D' => Description(Rows(sql).Types),
                'E' => [.. Rows(sql).Rows.SelectMany(Row), .. Complete],
                'S' => HostilePostgres.Ready,
                _ => [],
            };
            if (answer.Length > 0)
            {
                await talk.SayAsync(change(answer));
            }
        }
    }

    /// <summary>The bytes of a COPY of three rows, from its start to the next query.</summary>
    public static byte[] Copy(params byte[][] tuples) =>
    [
        .. CopyStart, .. HostilePostgres.Message('d', [.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0]),
        .. (tuples.Length > 0 ? tuples : [Tuple(1), Tuple(2), Tuple(3)]).SelectMany(tuple => HostilePostgres.Message('d', tuple)),
        .. HostilePostgres.Message('d', [0xff, 0xff]), .. HostilePostgres.Message('c', []), .. Complete, .. HostilePostgres.Ready,
    ];

    /// <summary>A binary COPY of eleven columns begins.</summary>
    public static byte[] CopyStart { get; } = HostilePostgres.Message('H', [1, 0, 11, .. Enumerable.Repeat(new byte[] { 0, 1 }, 11).SelectMany(format => format)]);

    public static byte[] Complete { get; } = HostilePostgres.Message('C', HostilePostgres.Text("SELECT 1"));

    public static byte[] Tuple(long id) => [0, 11, .. Field(Int64(id)), .. Field("a name"u8.ToArray()), .. Enumerable.Repeat(HostilePostgres.Number(-1), 9).SelectMany(none => none)];

    public static byte[] Field(byte[] value) => [.. HostilePostgres.Number(value.Length), .. value];

    private static (int[] Types, byte[][][] Rows) Rows(string sql) =>
        sql.Contains("WITH RECURSIVE", StringComparison.Ordinal) ? ([TextType, TextType, TextType, TextType], [.. _columns.Select(column => new[] { Bytes(column), Bytes("25"), Bytes("25"), Bytes(column == "id" ? "int8" : "text") })])
        : sql.Contains("relkind", StringComparison.Ordinal) ? ([Bool, Bool, Bool], [[[1], [1], [1]]])
        : sql.Contains("quote_ident", StringComparison.Ordinal) ? ([TextType], [[Bytes("public.facility")]])
        : sql.Contains("to_regclass", StringComparison.Ordinal) ? ([TextType], [[Bytes("16384")]])
        : sql.Contains("search_path", StringComparison.Ordinal) ? ([TextType], [[Bytes("\"$user\", public")]])
        : sql.Contains("min(", StringComparison.Ordinal) ? ([Int8], [[Int64(1)]])
        : sql.Contains("count(*)", StringComparison.Ordinal) || sql.Contains("max(", StringComparison.Ordinal) || sql.Contains("OFFSET", StringComparison.Ordinal) ? ([Int8], [[Int64(3)]])
        : sql.Contains("LIMIT 0", StringComparison.Ordinal) ? ([.. Enumerable.Repeat(TextType, 11)], [])
        : ([], []);

    private static byte[] Description(int[] types) => types.Length == 0
        ? HostilePostgres.Message('n', [])
        : HostilePostgres.Message('T', [0, (byte)types.Length, .. types.SelectMany(type => (byte[])[.. HostilePostgres.Text("c"), 0, 0, 0, 0, 0, 0, .. HostilePostgres.Number(type), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 1])]);

    private static byte[] Row(byte[][] values) => HostilePostgres.Message('D', [0, (byte)values.Length, .. values.SelectMany(Field)]);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Int64(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static string TextAt(byte[] body, int start) => Encoding.UTF8.GetString(body, start, Array.IndexOf(body, (byte)0, start) - start);
}
