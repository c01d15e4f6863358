using System.Buffers;
using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>
/// The rule for a host with its port: a name in the public DNS, with the final dot of a complete one or without, or an IPv4 address that the
/// public reaches. Names that are never there are none: those of RFC 6761 and reserved since (but "example", which is for examples); of the
/// DNS itself (arpa, "home.arpa" among it); and those of networks' own that RFC 6762, appendix G, lists or that ICANN will not delegate
/// (corp, home and mail, resolution 2018.02.04.12), with localdomain, which routers give.
/// </summary>
internal static class HostRule
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    private static readonly SearchValues<byte> _letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> _inLabel = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);
    private static readonly byte[][] _nowhere = [.. "alt arpa corp home internal intranet invalid lan local localdomain localhost mail onion private test".Split(' ').Select(Encoding.ASCII.GetBytes)];

    /// <summary>Whether this is such a host, in ASCII, followed by a port or not; and no label has to be looked at for punycode.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> authority)
    {
        var colon = authority.IndexOf((byte)':');
        var host = colon < 0 ? authority : authority[..colon];
        return IsName(host) && host.IndexOf("--"u8) < 0 && (colon < 0 || IsPort(authority[(colon + 1)..]));
    }

    /// <summary>
    /// Makes such a host: what is percent-encoded is decoded, what is not ASCII written in punycode, what is in punycode looked at, and the
    /// colon of a port that is not there dropped.
    /// </summary>
    /// <returns>Empty when it cannot be done.</returns>
    public static ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> authority)
    {
        var colon = authority.LastIndexOf((byte)':');
        var host = colon < 0 ? authority : authority[..colon];
        var port = colon < 0 ? default : authority[(colon + 1)..];
        if (!port.IsEmpty && !IsPort(port))
        {
            return default;
        }

        var written = Encoding.UTF8.GetString(host);
        if (!Ascii.IsValid(written) || written.Contains('%', StringComparison.Ordinal) || written.Contains("xn--", StringComparison.OrdinalIgnoreCase))
        {
            written = InternationalHost.ToAscii(Uri.UnescapeDataString(written)) ?? "";
            host = Encoding.UTF8.GetBytes(written);
        }

        return !IsName(host) ? default : port.IsEmpty ? host : (byte[])[.. host, (byte)':', .. port];
    }

    /// <summary>Whether this is the number of a port.</summary>
    public static bool IsPort(ReadOnlySpan<byte> digits) =>
        digits.Length is > 0 and <= 5 && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && int.Parse(digits, CultureInfo.InvariantCulture) is > 0 and <= ushort.MaxValue;

    private static bool IsName(ReadOnlySpan<byte> host)
    {
        var isComplete = host.EndsWith("."u8);
        var name = isComplete ? host[..^1] : host;
        if (name.Length > LongestName || !name.Contains((byte)'.'))
        {
            return false;
        }

        var label = name;
        for (var dot = label.IndexOf((byte)'.'); dot >= 0; dot = label.IndexOf((byte)'.'))
        {
            if (!IsLabel(label[..dot]))
            {
                return false;
            }

            label = label[(dot + 1)..];
        }

        return IsLabel(label) && (IsTopLevel(label) || (!isComplete && IsAddress(name)));
    }

    private static bool IsLabel(ReadOnlySpan<byte> label) =>
        label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-' && !label.ContainsAnyExcept(_inLabel);

    // RFC 3696, section 2: letters, which is how a name is told from an address, and from a number with a dot in it. None has one letter only.
    private static bool IsTopLevel(ReadOnlySpan<byte> label)
    {
        if (label.ContainsAnyExcept(_letters))
        {
            return label.Length > 4 && Ascii.EqualsIgnoreCase(label[..4], "xn--"u8);
        }

        foreach (var nowhere in _nowhere)
        {
            if (Ascii.EqualsIgnoreCase(label, nowhere))
            {
                return false;
            }
        }

        return label.Length > 1;
    }

    private static bool IsAddress(ReadOnlySpan<byte> name)
    {
        Span<byte> numbers = stackalloc byte[4];
        var parts = 0;
        foreach (var range in name.Split((byte)'.'))
        {
            var part = name[range];
            if (parts == 4 || part.Length > 3 || (part.Length > 1 && part[0] == '0') || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[parts++]))
            {
                return false;
            }
        }

        return parts == 4 && IsPublic(numbers[0], numbers[1], numbers[2]);
    }

    // Not this host's own network, a private one, one between carriers, a link, the IETF's own, one for documentation or benchmarks, the relays
    // of 6to4, a group, or reserved: https://www.iana.org/assignments/iana-ipv4-special-registry (RFC 6890).
    private static bool IsPublic(byte first, byte second, byte third) => (first, second, third) is not (0 or 10 or 127 or >= 224, _, _)
        and not (100, >= 64 and <= 127, _)
        and not (169, 254, _)
        and not (172, >= 16 and <= 31, _)
        and not (192, 168, _)
        and not (192, 0, 0 or 2)
        and not (192, 88, 99)
        and not (198, 18 or 19, _)
        and not (198, 51, 100)
        and not (203, 0, 113);
}
