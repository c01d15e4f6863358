using System.Buffers;
using System.Globalization;

namespace FacilityFeed.Domain.Shaping;

/// <summary>The rule for a host with its port: a name in the public DNS, or an IPv4 address.</summary>
internal static class HostRule
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    private static readonly SearchValues<byte> _letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> _inLabel = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Whether this is such a host, in ASCII, followed by a port or not.</summary>
    public static bool IsHost(ReadOnlySpan<byte> authority)
    {
        var colon = authority.IndexOf((byte)':');
        return colon < 0 ? IsName(authority) : IsPort(authority[(colon + 1)..]) && IsName(authority[..colon]);
    }

    /// <summary>Whether this is the number of a port.</summary>
    public static bool IsPort(ReadOnlySpan<byte> digits) =>
        digits.Length is > 0 and <= 5 && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && int.Parse(digits, CultureInfo.InvariantCulture) is > 0 and <= ushort.MaxValue;

    private static bool IsName(ReadOnlySpan<byte> host)
    {
        var lastDot = host.LastIndexOf((byte)'.');
        if (host.Length > LongestName || lastDot < 0)
        {
            return false;
        }

        var labels = host;
        for (var dot = labels.IndexOf((byte)'.'); dot >= 0; dot = labels.IndexOf((byte)'.'))
        {
            if (!IsLabel(labels[..dot]))
            {
                return false;
            }

            labels = labels[(dot + 1)..];
        }

        // The last label of a name is never a number, or else it could not be told from an address.
        return IsLabel(labels) && (labels.ContainsAny(_letters) || IsAddress(host));
    }

    private static bool IsLabel(ReadOnlySpan<byte> label) =>
        label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-' && !label.ContainsAnyExcept(_inLabel);

    private static bool IsAddress(ReadOnlySpan<byte> host)
    {
        var parts = 0;
        foreach (var range in host.Split((byte)'.'))
        {
            var part = host[range];
            parts++;
            if (part.Length > 3 || part.ContainsAnyExceptInRange((byte)'0', (byte)'9') || int.Parse(part, CultureInfo.InvariantCulture) > byte.MaxValue || (part.Length > 1 && part[0] == '0'))
            {
                return false;
            }
        }

        return parts == 4;
    }
}
