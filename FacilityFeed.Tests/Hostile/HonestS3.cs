using System.Globalization;
using System.Net;
using System.Text;

namespace FacilityFeed.Tests.Hostile;

/// <summary>Answers as S3 gives them, of a bucket that holds one object under every name; to be spoilt.</summary>
/// <param name="installation">Who wrote the object.</param>
/// <param name="content">Its bytes.</param>
internal sealed class HonestS3(Guid installation, byte[] content)
{
    private const string Xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    /// <summary>The whole answer, from its status line to its last byte.</summary>
    public byte[] Answer(HostileRequest request, bool isThere)
    {
        var isList = request.Target.Contains("list-type=", StringComparison.Ordinal);
        return request.Method switch
        {
            "HEAD" => isThere ? Whole("200 OK", Facts(), content, withBody: false) : Whole("404 Not Found", "", [], withBody: false),
            "GET" when isList => Whole("200 OK", "Content-Type: application/xml\r\n", List(request)),
            "GET" => isThere ? Whole("200 OK", Facts(), content) : Error("404 Not Found", "NoSuchKey"),
            "POST" when request.Target.Contains("uploadId=", StringComparison.Ordinal) => Whole("200 OK", "", Bytes($"{Xml}<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>a</Key><ETag>&quot;0123456789abcdef0123456789abcdef-2&quot;</ETag></CompleteMultipartUploadResult>")),
            "POST" => Whole("200 OK", "", Bytes($"{Xml}<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>a</Key><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>")),
            "PUT" => Whole("200 OK", "ETag: \"0123456789abcdef0123456789abcdef\"\r\n", []),
            _ => Whole("204 No Content", "", []),
        };
    }

    public static byte[] Error(string status, string code, string message = "It cannot be done.") =>
        Whole(status, "Content-Type: application/xml\r\n", Bytes($"{Xml}<Error><Code>{code}</Code><Message>{message}</Message><Resource>/bucket/a</Resource><RequestId>1</RequestId></Error>"));

    /// <summary>A page of a list.</summary>
    public static string Page(IEnumerable<string> keys, string? next = null, bool isTruncated = false, params IEnumerable<string> folders) =>
        $"{Xml}<ListBucketResult><Name>bucket</Name>{string.Concat(keys.Select(key => $"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;1&quot;</ETag><Size>1</Size></Contents>"))}{string.Concat(folders.Select(folder => $"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>"))}<IsTruncated>{(isTruncated ? "true" : "false")}</IsTruncated>{(next is null ? "" : $"<NextContinuationToken>{next}</NextContinuationToken>")}</ListBucketResult>";

    private static byte[] List(HostileRequest request)
    {
        var prefix = request.Target.Split(['?', '&']).FirstOrDefault(part => part.StartsWith("prefix=", StringComparison.Ordinal)) is { } part ? WebUtility.UrlDecode(part[7..]) : "";
        return Bytes(Page([$"{prefix}1", $"{prefix}2"]));
    }

    private string Facts() =>
        $"ETag: \"{Md5()}\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\nx-amz-meta-installation: {installation:N}\r\nx-amz-meta-sha256: {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))}\r\n";

#pragma warning disable CA5351 // What stores make their ETags of.
    private string Md5() => Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(content));
#pragma warning restore CA5351

    private static byte[] Whole(string status, string headers, byte[] body, bool withBody = true)
    {
        var length = status.StartsWith("204", StringComparison.Ordinal) ? "" : $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n";
        return [.. Bytes($"HTTP/1.1 {status}\r\nDate: {DateTimeOffset.UtcNow:R}\r\n{headers}{length}Connection: close\r\n\r\n"), .. withBody ? body : []];
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
