using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FacilityFeed.Tests.Support;

/// <summary>A loopback port that nothing listens on.</summary>
public static class FreePort
{
    public static string Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
