using System.Net;
using System.Net.Sockets;

namespace FacilityFeed.Tests.Support;

/// <summary>Ports of the loopback interface.</summary>
public static class ClosedPort
{
    /// <summary>A port on which nothing listened a moment ago.</summary>
    public static int Find() => Find(IPAddress.Loopback);

    /// <summary>The same at another of this machine's addresses.</summary>
    public static int Find(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
