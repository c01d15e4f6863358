using System.Text;

namespace FacilityFeed.Tests.Hostile;

/// <summary>Answers of which some are right, some nearly so, and some are noise: the same ones for the same <paramref name="random"/>.</summary>
/// <param name="honest">What is spoilt.</param>
/// <param name="random">Decides.</param>
internal sealed class SpoiltAnswers(HonestS3 honest, Random random)
{
    private const long Flood = 32 * 1024 * 1024;

    private static readonly string[] _numbers = ["-1", "0", "1", "99999999999999999999", "9223372036854775807", "2147483648", "1e9", "", "0x10", "three"];

    private static readonly string[] _headers =
    [
        "ETag: \"abc\"", "ETag: ", "ETag: \u001b]8;;http://x\u0007", "Last-Modified: yesterday", "Expires: never", "Content-Encoding: gzip", "Transfer-Encoding: chunked",
        "Location: http://127.0.0.1:1/", "Location: /", "Location: ::", "x-amz-expiration: junk", "x-amz-missing-meta: many", "x-amz-delete-marker: perhaps", "x-amz-mp-parts-count: -x",
        "x-amz-restore: x", "x-amz-server-side-encryption: what", "x-amz-object-lock-retain-until-date: never", "x-amz-checksum-sha256: !", "Date: 0", "x-amz-bucket-region: ../x", "Retry-After: -5",
        "Content-Range: bytes 5-1/0", "Content-Type: \u00ff", "x-amz-tagging-count: none", "x-amz-version-id: \u0001", "Content-Length: 7", "Connection: upgrade",
    ];

    private static readonly string[] _statuses = ["200 OK", "206 Partial Content", "204 No Content", "301 Moved", "304 Not Modified", "307 Temporary Redirect", "400 Bad Request", "403 Forbidden", "404 Not Found", "409 Conflict", "412 Precondition Failed", "416 Range", "500 Oops", "503 Slow Down", "999 What", "000 No", "-1 No"];

    private static readonly string[] _pieces = ["<a>", "</a>", "<!DOCTYPE a [<!ENTITY x \"y\">]>", "&x;", "<![CDATA[", "<?pi?>", "text", "\0", "\u001b[31m", "<Error><Code>", "<Key></Key>", "<IsTruncated>true</IsTruncated>", "<NextContinuationToken>1</NextContinuationToken>", "\uFEFF", "\r\n\r\n"];

    public async Task AnswerAsync(HostileRequest request, HostileConnection connection)
    {
        // Half of them right, so that what needs several requests comes far.
        var choice = random.Next(200);
        var answer = honest.Answer(request, isThere: random.Next(2) == 0);
        switch (choice)
        {
            case 0:
                await connection.SendAsync(answer.AsMemory(0, random.Next(answer.Length)));
                await connection.FallSilentAsync();
                break;
            case 1:
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n<?xml version=\"1.0\"?><ListBucketResult>");
                await connection.TrickleAsync(TimeSpan.FromMilliseconds(50));
                break;
            case 2:
                await connection.SendAsync($"HTTP/1.1 {_statuses[random.Next(_statuses.Length)]}\r\n\r\n<?xml version=\"1.0\"?><Error>");
                await connection.FloodAsync(new string('a', 60_000), Flood);
                break;
            case 3:
                await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                await connection.FloodAsync($"ea60\r\n{new string('<', 60_000)}\r\n", Flood);
                break;
            case < 60:
                await connection.SendAsync(Noise(random.Next(2000)));
                break;
            case < 80:
                await connection.SendAsync((byte[])[.. "HTTP/1.1 "u8, .. Latin1(_statuses[random.Next(_statuses.Length)]), .. "\r\n"u8, .. Noise(random.Next(500)), .. "\r\n\r\n"u8, .. Noise(random.Next(500))]);
                break;
            case < 130:
                await connection.SendAsync(Mutate(answer));
                break;
            default:
                await connection.SendAsync(answer);
                break;
        }
    }

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    private byte[] Mutate(byte[] answer)
    {
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(answer.Length + 1);
            answer = random.Next(8) switch
            {
                0 when at < answer.Length => [.. answer[..at], (byte)random.Next(256), .. answer[(at + 1)..]],
                1 => answer[..at],
                2 => [.. answer[..at], .. Noise(random.Next(40)), .. answer[at..]],
                3 => [.. answer[..at], .. answer[Math.Min(answer.Length, at + random.Next(40))..]],
                4 => Replaced(answer, "HTTP/1.1 ", "\r\n", _statuses),
                5 => Replaced(answer, "Content-Length: ", "\r\n", _numbers),
                6 => [.. Until(answer, "\r\n"), .. Latin1(_headers[random.Next(_headers.Length)]), .. "\r\n"u8, .. After(answer, "\r\n")],
                _ => [.. answer[..at], .. Encoding.UTF8.GetBytes(_pieces[random.Next(_pieces.Length)]), .. answer[at..]],
            };
        }

        return answer;
    }

    /// <summary>With another value between two texts.</summary>
    private byte[] Replaced(byte[] answer, string before, string after, string[] values)
    {
        var begin = answer.AsSpan().IndexOf(Latin1(before));
        var length = begin < 0 ? -1 : answer.AsSpan(begin + before.Length).IndexOf(Latin1(after));
        return length < 0 ? answer : [.. answer[..(begin + before.Length)], .. Latin1(values[random.Next(values.Length)]), .. answer[(begin + before.Length + length)..]];
    }

    private static byte[] Until(byte[] answer, string mark) => answer.AsSpan().IndexOf(Latin1(mark)) is >= 0 and var at ? answer[..(at + mark.Length)] : answer;

    private static byte[] After(byte[] answer, string mark) => answer.AsSpan().IndexOf(Latin1(mark)) is >= 0 and var at ? answer[(at + mark.Length)..] : [];

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);
}
