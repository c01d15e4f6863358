using System.Buffers;
using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// The rule for an address of a website: absolute, http or https, all ASCII. A host without a scheme gets https. What is not ASCII is
/// percent-encoded, in the host written in punycode. Other schemes, user names, hosts without a dot and white space inside are unusable.
/// </summary>
internal static class UrlRule
{
    /// <summary>Longest address taken and made, in bytes.</summary>
    public const int Longest = 2_000;

    // What RFC 3986 lets stand in a path, a query or a fragment. The % is looked at on its own.
    private static readonly SearchValues<byte> _plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;=%"u8);
    private static readonly SearchValues<byte> _endsAuthority = SearchValues.Create("/?#"u8);

    /// <summary>Whether it follows the rule as it is.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> url)
    {
        var scheme = url.StartsWith("https://"u8) ? 8 : url.StartsWith("http://"u8) ? 7 : 0;
        return scheme > 0 && url.Length <= Longest && !url.ContainsAnyExcept(_plain) && HostRule.IsHost(Authority(url[scheme..])) && HasWholeEscapes(url) && url.Count((byte)'#') <= 1;
    }

    /// <summary>Makes <paramref name="url"/>, which is clean text, follow the rule.</summary>
    /// <returns>Empty when it cannot be done.</returns>
    public static ReadOnlyMemory<byte> Complete(ReadOnlySpan<byte> url, RowScratch scratch)
    {
        Span<byte> complete = stackalloc byte[Longest + 16];
        if (!TryAddScheme(url, complete, out var length))
        {
            return default;
        }

        complete = complete[..length];
        return IsPlain(complete) ? scratch.Keep(complete) : Normalized(Encoding.UTF8.GetString(complete), scratch);
    }

    private static bool TryAddScheme(ReadOnlySpan<byte> url, Span<byte> complete, out int length)
    {
        length = 0;
        var start = Authority(url);
        var colon = start.IndexOf((byte)':');
        var scheme = "https://"u8;
        if (url.StartsWith("//"u8))
        {
            url = url[2..];
        }
        else if (colon >= 0 && url[colon..].StartsWith("://"u8))
        {
            scheme = Ascii.EqualsIgnoreCase(url[..colon], "http"u8) ? "http://"u8 : scheme;
            if (!Ascii.EqualsIgnoreCase(url[..colon], "http"u8) && !Ascii.EqualsIgnoreCase(url[..colon], "https"u8))
            {
                return false;
            }

            url = url[(colon + 3)..];
        }
        else if (colon >= 0 && !HostRule.IsPort(start[(colon + 1)..]))
        {
            return false;
        }

        scheme.CopyTo(complete);
        url.CopyTo(complete[scheme.Length..]);
        length = scheme.Length + url.Length;
        return true;
    }

    private static ReadOnlyMemory<byte> Normalized(string url, RowScratch scratch)
    {
        if (!IsReadable(url) || !Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return default;
        }

        // The runtime fills a shortened address up: 1.2.3 is 1.2.0.3 to it. To us it is a mistake.
        var isGuessed = uri.HostNameType == UriHostNameType.IPv4 && !url.Contains($"//{uri.Host}", StringComparison.Ordinal);
        if (isGuessed || Authority(uri) is not { } authority)
        {
            return default;
        }

        var normalized = Encoding.UTF8.GetBytes($"{uri.Scheme}://{authority}{uri.PathAndQuery}{uri.Fragment}");
        return normalized.Length <= Longest && Ascii.IsValid(normalized) && HostRule.IsHost(Encoding.UTF8.GetBytes(authority)) ? normalized : default;
    }

    private static string? Authority(Uri uri)
    {
        try
        {
            return uri.IsDefaultPort ? uri.IdnHost : string.Create(CultureInfo.InvariantCulture, $"{uri.IdnHost}:{uri.Port}");
        }
        catch (UriFormatException)
        {
            // A host that can be read, but not be written in punycode.
            return null;
        }
    }

    private static bool IsReadable(string url)
    {
        var host = url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..];
        var end = host.AsSpan().IndexOfAny("/?#");
        return !url.Any(char.IsWhiteSpace) && (end < 0 ? host : host[..end]).EnumerateRunes().All(IsInHost);
    }

    // The runtime turns a host into punycode without folding it first, as it should with the machine's language data. So only what is
    // folded already: no accents on their own, no letters in a compatibility form (full width and such), no emoji.
    private static bool IsInHost(Rune rune) => rune.IsAscii
        ? Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '.' or '_' or ':'
        : rune.Value is not ((>= 0x0300 and <= 0x036F) or (>= 0xFB00 and <= 0xFDFF) or (>= 0xFE70 and <= 0xFFFF))
            && (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private static ReadOnlySpan<byte> Authority(ReadOnlySpan<byte> afterScheme)
    {
        var end = afterScheme.IndexOfAny(_endsAuthority);
        return end < 0 ? afterScheme : afterScheme[..end];
    }

    private static bool HasWholeEscapes(ReadOnlySpan<byte> url)
    {
        for (var percent = url.IndexOf((byte)'%'); percent >= 0; percent = url.IndexOf((byte)'%'))
        {
            url = url[(percent + 1)..];
            if (url.Length < 2 || !char.IsAsciiHexDigit((char)url[0]) || !char.IsAsciiHexDigit((char)url[1]))
            {
                return false;
            }
        }

        return true;
    }
}
