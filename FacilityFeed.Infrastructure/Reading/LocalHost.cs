using System.Net;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Whether a database's host is this machine, so that nothing between can read along.</summary>
internal static class LocalHost
{
    /// <param name="host">A name, an address, or a socket's folder (<c>/run/postgresql</c>, <c>@name</c>); several by commas are all to be.</param>
    public static bool Is(string? host) => (host ?? "").Split(',', StringSplitOptions.TrimEntries).All(IsOne);

    /// <summary>Whether what goes to a host may be seen or changed on the way: it is another machine, and not one that a setting trusts the way to.</summary>
    /// <param name="host">As in <see cref="Is"/>.</param>
    /// <param name="trusted">Hosts of <c>TrustedHosts</c>; upper and lower case are the same.</param>
    public static bool IsOpenOnTheWay(string? host, IReadOnlyList<string> trusted) =>
        (host ?? "").Split(',', StringSplitOptions.TrimEntries).Any(one => !IsOne(one) && !trusted.Contains(WithoutPort(one), StringComparer.OrdinalIgnoreCase));

    private static bool IsOne(string host) =>
        host.Length == 0 || host[0] is '/' or '@'
        || string.Equals(WithoutPort(host), "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(WithoutPort(host).Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // State databases may be named host:port.
    private static string WithoutPort(string host) => host.Count(sign => sign == ':') == 1 ? host[..host.IndexOf(':', StringComparison.Ordinal)] : host;
}
