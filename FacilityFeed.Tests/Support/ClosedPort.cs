using System.Net;
using System.Net.Sockets;

namespace FacilityFeed.Tests.Support;

/// <summary>Ports of the loopback interface.</summary>
public static class ClosedPort
{
    /// <summary>A port on which nothing listened a moment ago.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
