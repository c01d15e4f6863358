using System.Buffers;
using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>
/// The rule for an address of a website: absolute, http or https, all ASCII. A host without a scheme gets https. What is not ASCII is
/// percent-encoded, in the host written in punycode. Other schemes, user names, hosts that are none, white space, characters that set an
/// address off from its surroundings (quotes, angle brackets, backslashes), a second fragment and a second address behind the first are unusable.
/// </summary>
internal static class UrlRule
{
    /// <summary>Longest address taken and made, in bytes.</summary>
    public const int Longest = 2_000;

    // What RFC 3986 lets stand in a path, a query or a fragment. The % is looked at on its own.
    private static readonly SearchValues<byte> _plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;=%"u8);
    private static readonly SearchValues<byte> _endsAuthority = SearchValues.Create("/?#"u8);
    private static readonly SearchValues<byte> _endsPath = SearchValues.Create("?#"u8);

    // RFC 3986, appendix C: what is set around an address. And what a browser takes for a slash, and the standard for nothing.
    private static readonly SearchValues<byte> _aroundAddresses = SearchValues.Create("\"<>\\"u8);

    /// <summary>Whether it follows the rule as it is.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> url)
    {
        var scheme = url.StartsWith("https://"u8) ? 8 : url.StartsWith("http://"u8) ? 7 : 0;
        if (scheme == 0 || url.Length > Longest || url.ContainsAnyExcept(_plain))
        {
            return false;
        }

        var authority = Authority(url[scheme..]);
        return HostRule.IsPlain(authority) && HasWholeEscapes(url) && IsOne(url[(scheme + authority.Length)..]);
    }

    /// <summary>Makes <paramref name="url"/>, which is clean text, follow the rule.</summary>
    /// <returns>Empty when it cannot be done.</returns>
    public static ReadOnlyMemory<byte> Complete(ReadOnlySpan<byte> url, RowScratch scratch)
    {
        if (!TryTakeScheme(ref url, out var scheme))
        {
            return default;
        }

        var authority = Authority(url);
        var rest = url[authority.Length..];
        var host = HostRule.Complete(authority);
        if (host.IsEmpty || (authority.EndsWith(":"u8) && rest.StartsWith("//"u8)) || !IsReadable(rest) || !IsOne(rest))
        {
            return default;
        }

        // Three bytes for each, when all of it has to be encoded.
        var room = scratch.Take(scheme.Length + host.Length + (rest.Length * 3));
        scheme.CopyTo(room.Span);
        host.CopyTo(room.Span[scheme.Length..]);
        var length = scheme.Length + host.Length;
        length += Encode(rest, room.Span[length..]);
        return length <= Longest ? room[..length] : default;
    }

    private static bool TryTakeScheme(ref ReadOnlySpan<byte> url, out ReadOnlySpan<byte> scheme)
    {
        scheme = "https://"u8;
        var start = Authority(url);
        var colon = start.IndexOf((byte)':');
        if (url.StartsWith("//"u8))
        {
            url = url[2..];
            return true;
        }

        if (colon < 0 || !url[colon..].StartsWith("://"u8))
        {
            // What stands behind a colon is a port, or else the host would be another scheme.
            return colon < 0 || colon == start.Length - 1 || HostRule.IsPort(start[(colon + 1)..]);
        }

        var isHttp = Ascii.EqualsIgnoreCase(url[..colon], "http"u8);
        if (!isHttp && !Ascii.EqualsIgnoreCase(url[..colon], "https"u8))
        {
            return false;
        }

        scheme = isHttp ? "http://"u8 : scheme;
        url = url[(colon + 3)..];
        return true;
    }

    // Nothing that parts two words, and nothing of which is not seen whether it belongs to the address (but for what joins letters).
    private static bool IsReadable(ReadOnlySpan<byte> rest)
    {
        if (rest.ContainsAny(_aroundAddresses))
        {
            return false;
        }

        foreach (var rune in Encoding.UTF8.GetString(rest).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || (Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format && rune.Value is not (0x200C or 0x200D)))
            {
                return false;
            }
        }

        return true;
    }

    // One fragment, and one address: another may be named in a query, or stand behind a slash (of an archive's copies), but not follow in a list.
    private static bool IsOne(ReadOnlySpan<byte> rest)
    {
        if (rest.Count((byte)'#') > 1)
        {
            return false;
        }

        var end = rest.IndexOfAny(_endsPath);
        var path = end < 0 ? rest : rest[..end];
        for (var colon = path.IndexOf("://"u8); colon >= 0; colon = path.IndexOf("://"u8))
        {
            var before = path[..colon];
            before = EndsWith(before, "https"u8) ? before[..^5] : EndsWith(before, "http"u8) ? before[..^4] : default;
            if (!before.IsEmpty && (before.Length == 1 || before[^1] is not ((byte)'/' or (byte)'=' or (byte)':')))
            {
                return false;
            }

            path = path[(colon + 3)..];
        }

        return true;
    }

    private static bool EndsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) => text.Length >= end.Length && Ascii.EqualsIgnoreCase(text[^end.Length..], end);

    // What RFC 3986 does not let stand is percent-encoded, but for the square brackets that every browser leaves as they are.
    private static int Encode(ReadOnlySpan<byte> rest, Span<byte> encoded)
    {
        var length = 0;
        for (var at = 0; at < rest.Length; at++)
        {
            var unit = rest[at];
            if (unit == '%' ? IsEscape(rest[(at + 1)..]) : unit is (byte)'[' or (byte)']' || _plain.Contains(unit))
            {
                encoded[length++] = unit;
            }
            else
            {
                encoded[length++] = (byte)'%';
                encoded[length++] = (byte)"0123456789ABCDEF"[unit >> 4];
                encoded[length++] = (byte)"0123456789ABCDEF"[unit & 0xF];
            }
        }

        return length;
    }

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
            if (!IsEscape(url))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsEscape(ReadOnlySpan<byte> afterPercent) =>
        afterPercent.Length >= 2 && char.IsAsciiHexDigit((char)afterPercent[0]) && char.IsAsciiHexDigit((char)afterPercent[1]);
}
