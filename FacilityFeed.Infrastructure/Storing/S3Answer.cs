using System.Text;
using Amazon;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Looks at each answer before the SDK does: it reads whatever comes, for as long as it comes, and not to be cancelled.</summary>
internal static class S3Answer
{
    private static readonly Lazy<IReadOnlyList<string>> _amazonsDomains = new(() => [.. RegionEndpoint.EnumerableAllRegions.Select(region => "." + region.PartitionDnsSuffix).Distinct()]);

    /// <summary>Gives back the answer with its body read, but for an object's, which is left to its reader (<see cref="S3Body"/>).</summary>
    /// <exception cref="S3AnswerException">It is none that S3 gives.</exception>
    public static async Task<HttpResponseMessage> TakeAsync(HttpRequestMessage request, HttpResponseMessage response, TimeSpan patience, CancellationToken cancellationToken)
    {
        RefuseRedirect(request, response);
        if (request.Method == HttpMethod.Head)
        {
            return response;
        }

        // What is asked about a bucket or an object stands in the query.
        var isGet = response.IsSuccessStatusCode && request.Method == HttpMethod.Get;
        if (isGet && (request.RequestUri!.Query.Length == 0 || request.RequestUri.Query.StartsWith("?x-id=", StringComparison.Ordinal)))
        {
            return CheckObject(response);
        }

        var bytes = await ReadAsync(response, isGet ? S3Limits.PageBytes : S3Limits.AnswerBytes, patience, cancellationToken);
        // Put and delete say all in their headers.
        var isNeeded = response.IsSuccessStatusCode && request.Method != HttpMethod.Put && request.Method != HttpMethod.Delete;
        var isXml = S3Xml.IsOne(bytes);
        if (isNeeded && !isXml)
        {
            throw new S3AnswerException(S3Fault.Strange, $"an answer that is not S3's ({Describe(response, bytes)})");
        }

        // An error's status says enough without the page of some proxy.
        Replace(response, isNeeded || (isXml && !response.IsSuccessStatusCode) ? bytes : []);
        return response;
    }

    /// <summary>Whether a request meant for one address may go to another: Amazon's own hosts hand on to each other.</summary>
    public static bool IsSameHouse(Uri one, Uri other) => SameOrigin(one, other) || (IsAmazons(one) && IsAmazons(other));

    private static bool SameOrigin(Uri one, Uri other) => one.GetLeftPart(UriPartial.Authority) == other.GetLeftPart(UriPartial.Authority);

    private static bool IsAmazons(Uri address) => address.Scheme == Uri.UriSchemeHttps && _amazonsDomains.Value.Any(domain => address.Host.EndsWith(domain, StringComparison.OrdinalIgnoreCase));

    /// <summary>What the SDK would follow, with the credentials, and any number of times.</summary>
    private static void RefuseRedirect(HttpRequestMessage request, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is < 300 or >= 400 || !response.Headers.NonValidated.TryGetValues("Location", out var locations))
        {
            return;
        }

        var text = string.Join(", ", locations);
        if (Uri.TryCreate(text, UriKind.Absolute, out var target) && IsAmazons(target) && IsAmazons(request.RequestUri!) && !SameOrigin(target, request.RequestUri!))
        {
            return;
        }

        throw new S3AnswerException(S3Fault.Elsewhere, $"{(int)response.StatusCode}, which sends us to {(target is { IsAbsoluteUri: true } ? ForeignText.InOneLine(target.GetLeftPart(UriPartial.Authority)) : $"'{ShownValue.Of(text)}'")}");
    }

    /// <summary>Without a length there is no telling where an object ends; S3 always says it.</summary>
    private static HttpResponseMessage CheckObject(HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentLength is null)
        {
            throw new S3AnswerException(S3Fault.Strange, "an object without its length");
        }

        // The SDK compares the bytes with a tag that it takes for their MD5, and stumbles over any other.
        if (response.Headers.NonValidated.TryGetValues("ETag", out var tags) && !IsMd5(string.Concat(tags)))
        {
            response.Headers.Remove("ETag");
        }

        return response;
    }

    private static bool IsMd5(string tag) => tag.Trim('"') is { Length: 32 } hex && hex.All(char.IsAsciiHexDigit);

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, int most, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            await S3Body.CopyAsync(body, bytes, most, patience, cancellationToken);
        }
        catch (S3AnswerException tooLong) when (tooLong.Fault == S3Fault.Strange && !response.IsSuccessStatusCode)
        {
            return [];
        }

        return bytes.ToArray();
    }

    private static void Replace(HttpResponseMessage response, byte[] bytes)
    {
        using var before = response.Content;
        response.Content = new ByteArrayContent(bytes);
        foreach (var (name, values) in before.Headers.NonValidated)
        {
            if (name is not ("Content-Length" or "Content-Encoding"))
            {
                response.Content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        response.Content.Headers.ContentLength = bytes.Length;
    }

    private static string Describe(HttpResponseMessage response, byte[] bytes)
    {
        const int Shown = 60;
        var packed = response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var encodings) ? $", Content-Encoding {ShownValue.Of(string.Join(", ", encodings))}" : "";
        return bytes.Length == 0 ? $"it is empty{packed}" : $"'{ShownValue.Of(Encoding.UTF8.GetString(bytes, 0, Math.Min(bytes.Length, 2 * Shown)).ReplaceLineEndings(" "), Shown)}'{packed}";
    }
}
